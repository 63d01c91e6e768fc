namespace ServerSession.Local;

/// <summary>
/// The sessions that grains of a silo in this process have published: a frontend beside that silo reads them without a grain call. It
/// answers as the grain would, or not at all; writing always goes to the grain.
/// </summary>
internal interface ILocalSessions
{
    /// <summary>Opens a session here.</summary>
    /// <returns>False where only its grain can answer.</returns>
    bool TryOpen(SessionId id, VerifierHash verifier, OpenMode mode, out SessionReply reply);
}
