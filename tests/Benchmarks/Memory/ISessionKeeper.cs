namespace ServerSession.Benchmarks.Memory;

/// <summary>Something that keeps sessions.</summary>
internal interface ISessionKeeper
{
    Task CreateAsync(int count);

    /// <summary>Lets every session leave the memory; false where they cannot.</summary>
    Task<bool> SleepAsync();
}
