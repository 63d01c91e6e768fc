using BenchmarkDotNet.Attributes;
using ServerSession.Core;

namespace ServerSession.Benchmarks.Micro;

/// <summary>What the grain does for a commit, but for the storage.</summary>
public class CommitBenchmarks
{
    private SessionState _state = null!;
    private CommitSession _commit = null!;
    private byte[] _record = null!;

    /// <summary>How many operations of the last seconds the session remembers.</summary>
    [Params(0, 10, 100)]
    public int Remembered { get; set; }

    /// <summary>Makes the session.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _state = SampleSession.WithRemembered(Remembered);
        _commit = SampleSession.NewCommit();
        _record = SessionRecordCodec.Encode(_state, SampleSession.Now);
    }

    /// <summary>One key of ten is set.</summary>
    [Benchmark]
    public bool Apply() =>
        SessionRules.Commit(_state, _commit, SampleSession.Now, SampleSession.Now, SessionLimits.Default, SampleSession.Window).MustStore;

    /// <summary>The session is opened.</summary>
    [Benchmark]
    public DateTimeOffset Open() => SessionRules.Open(_state, SampleSession.Verifier, SampleSession.Now).ExpiresAt;

    /// <summary>The stored form is made.</summary>
    [Benchmark]
    public int Encode() => SessionRecordCodec.Encode(_state, SampleSession.Now).Length;

    /// <summary>The stored form is read.</summary>
    [Benchmark]
    public DateTimeOffset Decode() => SessionRecordCodec.Decode(_record).LastAccess;
}
