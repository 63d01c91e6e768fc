using System.Collections.Concurrent;
using System.Threading.Channels;
using ServerSession.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Endings;

/// <summary>A frontend as the silos see it, whose answers the test decides.</summary>
internal sealed class TestFrontend : IFrontendObserver
{
    private readonly Channel<SessionNotice> _notices = Channel.CreateUnbounded<SessionNotice>();
    private readonly IFrontendObserver _reference;
    private int _messages;

    public TestFrontend(SessionCluster cluster) => _reference = cluster.Inner.Client.CreateObjectReference<IFrontendObserver>(this);

    /// <summary>Makes the answer to a message; it is noted before.</summary>
    public Func<SessionNotice[], Task<SessionId[]>> Answer { get; set; } = static _ => Task.FromResult<SessionId[]>([]);

    /// <summary>Completes when a silo has said that it stops, with its link.</summary>
    public TaskCompletionSource<Guid> Left { get; } = new();

    /// <summary>The links over which the messages came.</summary>
    public ConcurrentQueue<Guid> Links { get; } = new();

    public int Messages => Volatile.Read(ref _messages);

    public async ValueTask<SessionId[]> NotifyAsync(Guid link, SessionNotice[] notices)
    {
        Interlocked.Increment(ref _messages);
        Links.Enqueue(link);
        foreach (var notice in notices)
        {
            _notices.Writer.TryWrite(notice);
        }

        return await Answer(notices);
    }

    public ValueTask LeaveAsync(Guid link)
    {
        Left.TrySetResult(link);
        return default;
    }

    public async Task<WatchReply> WatchAsync(SessionDriver session, bool changes = false, long stamp = 0, bool data = false, OpenMode mode = OpenMode.Peek) =>
        await session.Grain.WatchAsync(new WatchSession
        {
            Verifier = session.Verifier.Hash(),
            Frontend = _reference,
            WantChanges = changes,
            WantSnapshot = data,
            Stamp = stamp,
            Mode = mode,
        });

    /// <summary>The next notice.</summary>
    public async Task<SessionNotice> NoticeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        return await _notices.Reader.ReadAsync(limit.Token);
    }

    /// <summary>The notices that have come so far and were not taken.</summary>
    public IReadOnlyList<SessionNotice> Rest()
    {
        var rest = new List<SessionNotice>();
        while (_notices.Reader.TryRead(out var notice))
        {
            rest.Add(notice);
        }

        return rest;
    }
}
