namespace ServerSession;
/// <summary>x</summary>
public static class Placeholder;
