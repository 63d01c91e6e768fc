namespace ServerSession.Core;

/// <summary>What an <see cref="OpenMode"/> asks for.</summary>
public static class OpenModeExtensions
{
    /// <summary>Whether the access moves the deadline.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The mode is not known to this version: whether it moves the deadline is unknown.</exception>
    public static bool Touches(this OpenMode mode) => mode switch
    {
        OpenMode.Touch => true,
        OpenMode.Peek => false,
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a mode to open a session in that this version knows. Update the silos before the frontends."),
    };
}
