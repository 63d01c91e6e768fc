namespace ServerSession;

internal static class Redacted
{
    public const string Text = "[redacted]";
}
