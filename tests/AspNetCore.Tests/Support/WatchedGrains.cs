using System.Collections.Concurrent;
using System.Reflection;

namespace ServerSession.Tests;

/// <summary>Session grains as a frontend sees them, whose answers the test makes.</summary>
internal sealed class WatchedGrains
{
    public WatchedGrains()
    {
        Factory = DispatchProxy.Create<IGrainFactory, Proxy>();
        ((Proxy)(object)Factory).Grains = this;
    }

    public IGrainFactory Factory { get; }

    /// <summary>The calls so far: "watch", "open" or "commit", and the session.</summary>
    public ConcurrentQueue<(string Name, SessionId Id)> Calls { get; } = new();

    public Func<SessionId, WatchSession, ValueTask<WatchReply>> Watch { get; set; } = static (_, _) => throw new NotSupportedException();

    public Func<SessionId, CommitSession, ValueTask<SessionReply>> Commit { get; set; } = static (_, _) => throw new NotSupportedException();

    /// <summary>How often the frontend's reference was deleted.</summary>
    public int Deleted { get; private set; }

    public int CountOf(string name) => Calls.Count(call => call.Name == name);

    /// <summary>An answer that names the link on which the session is watched.</summary>
    public static WatchReply On(Guid link, DateTimeOffset expiresAt) => new()
    {
        Session = SessionReply.Of(SessionOutcome.Opened) with { ExpiresAt = expiresAt }, Link = link, AskAfter = TimeSpan.FromMinutes(1),
    };

    private object? Delete()
    {
        Deleted++;
        return null;
    }

    public class Proxy : DispatchProxy
    {
        internal WatchedGrains? Grains { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            "CreateObjectReference" => args![0],
            "DeleteObjectReference" => Grains!.Delete(),
            "GetGrain" when args![0] is Guid key => new Grain(Grains!, SessionId.FromGrainKey(key)),
            _ => throw new NotSupportedException(targetMethod.Name),
        };
    }

    private sealed class Grain(WatchedGrains grains, SessionId id) : ISessionGrain
    {
        public ValueTask<WatchReply> WatchAsync(WatchSession request)
        {
            grains.Calls.Enqueue(("watch", id));
            return grains.Watch(id, request);
        }

        public ValueTask<SessionReply> OpenAsync(VerifierHash verifier, OpenMode mode)
        {
            grains.Calls.Enqueue(("open", id));
            return new(SessionReply.Of(SessionOutcome.Opened));
        }

        public ValueTask<SessionReply> CommitAsync(CommitSession request)
        {
            grains.Calls.Enqueue(("commit", id));
            return grains.Commit(id, request);
        }

        public ValueTask<SessionReply> CreateAsync(CreateSession request) => throw new NotSupportedException();

        public ValueTask<SessionReply> DestroyAsync(DestroySession request) => throw new NotSupportedException();

        public ValueTask<ExpiryReply> ExpireIfDueAsync() => throw new NotSupportedException();
    }
}
