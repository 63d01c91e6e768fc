namespace ServerSession;

/// <summary>The configured grain storage cannot keep sessions. The message names the fault and the setting to change.</summary>
public sealed class SessionStorageRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SessionStorageRefusedException(string message)
        : base(message)
    {
    }
}
