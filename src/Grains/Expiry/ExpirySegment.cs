namespace ServerSession.Grains;

/// <summary>A sealed part of a shard's index, in a separate row, as the head lists it.</summary>
/// <param name="number">The random number that names its row.</param>
internal sealed class ExpirySegment(ulong number)
{
    public ulong Number => number;

    /// <summary>When the first of its pages is worth a look; its row may say later, never earlier.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>How many pages it has.</summary>
    public required int Pages { get; set; }

    /// <summary>The last run that looked at all of it; not stored.</summary>
    public Guid LastRun { get; set; }
}
