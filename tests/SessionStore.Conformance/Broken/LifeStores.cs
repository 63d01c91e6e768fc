using System.Collections.Concurrent;

namespace ServerSession.Tests.Stores.Broken;

/// <summary>A commit to a session that is gone starts it again.</summary>
public sealed class RevivesByCommits(IServerSessionStore inner, TimeProvider time) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken)
    {
        var reply = await base.CommitAsync(id, request, cancellationToken);
        if (reply.Outcome != SessionOutcome.Gone)
        {
            return reply;
        }

        await Store.CreateAsync(
            id, new CreateSession { Verifier = request.Verifier, Terms = SessionTerms.Default, IssuedAt = time.GetUtcNow(), Changes = request.Changes }, cancellationToken);
        return reply;
    }
}

/// <summary>A create under a used id takes the place of the session.</summary>
public sealed class ReplacesByCreates(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
    {
        await Store.DestroyAsync(id, new DestroySession(), cancellationToken);
        return await base.CreateAsync(id, request, cancellationToken);
    }
}

/// <summary>Looks whether the id is used, and then creates over whatever came between.</summary>
public sealed class LooksThenCreates(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
    {
        if ((await Store.OpenAsync(id, request.Verifier, OpenMode.Peek, cancellationToken)).Outcome != SessionOutcome.Gone)
        {
            return Answer(SessionOutcome.Gone);
        }

        await Task.Delay(20, cancellationToken);
        await Store.DestroyAsync(id, new DestroySession(), cancellationToken);
        return await base.CreateAsync(id, request, cancellationToken);
    }
}

/// <summary>Serves what it once read although the session has ended.</summary>
public sealed class ServesTheDead(IServerSessionStore inner) : BrokenStore(inner)
{
    private readonly ConcurrentDictionary<SessionId, SessionReply> _last = new();

    public override async ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken)
    {
        var reply = await Store.OpenAsync(id, verifier, mode, cancellationToken);
        return reply.Outcome == SessionOutcome.Gone ? _last.GetValueOrDefault(id, reply) : reply;
    }

    public override async ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
    {
        var reply = await base.CreateAsync(id, request, cancellationToken);
        if (reply.Outcome == SessionOutcome.Created)
        {
            _last[id] = await Store.OpenAsync(id, request.Verifier, OpenMode.Peek, cancellationToken);
        }

        return reply;
    }
}

/// <summary>Tells of ids that were never used as of sessions.</summary>
public sealed class KnowsEveryId(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        await Store.OpenAsync(id, verifier, mode, cancellationToken) is { Outcome: not SessionOutcome.Gone } reply ? reply : Answer(SessionOutcome.Stale);

    public override async ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken) =>
        await Store.DestroyAsync(id, request, cancellationToken) is { Outcome: not SessionOutcome.Gone } reply ? reply : Answer(SessionOutcome.Destroyed);
}

/// <summary>Says that a session was destroyed, and leaves it.</summary>
public sealed class DestroysNothing(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken) => new(Answer(SessionOutcome.Destroyed));
}

/// <summary>Extends a session for whoever only looks.</summary>
public sealed class TouchesOnPeek(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        Store.OpenAsync(id, verifier, OpenMode.Touch, cancellationToken);
}

/// <summary>Never extends a session by an open.</summary>
public sealed class NeverTouches(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        Store.OpenAsync(id, verifier, OpenMode.Peek, cancellationToken);
}

/// <summary>Extends a session by every commit.</summary>
public sealed class TouchesByEveryCommit(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        base.CommitAsync(id, request with { Touch = true }, cancellationToken);
}

/// <summary>Leaves the terms that a session began with.</summary>
public sealed class KeepsTerms(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        base.CommitAsync(id, request with { NewTerms = null }, cancellationToken);
}
