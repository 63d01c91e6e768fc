namespace ServerSession;

/// <summary>Which parts the builder has chosen, for the checks at start.</summary>
internal sealed class SessionParts
{
    public bool UsesGrainStore { get; set; } = true;

    public bool UsesGrainKeys { get; set; } = true;
}
