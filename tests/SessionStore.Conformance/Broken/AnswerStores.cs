using System.Collections.Concurrent;
using System.Text;

namespace ServerSession.Tests.Stores.Broken;

/// <summary>Serves the first snapshot that it read.</summary>
public sealed class ServesOldSnapshots(IServerSessionStore inner) : BrokenStore(inner)
{
    private readonly ConcurrentDictionary<SessionId, SessionSnapshot> _first = new();

    public override async ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken)
    {
        var reply = await Store.OpenAsync(id, verifier, mode, cancellationToken);
        return reply.Snapshot is { } snapshot ? reply with { Snapshot = _first.GetOrAdd(id, snapshot) } : reply;
    }
}

/// <summary>Gives every snapshot the same version.</summary>
public sealed class RepeatsVersions(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken)
    {
        var reply = await Store.OpenAsync(id, verifier, mode, cancellationToken);
        return reply.Snapshot is { } snapshot ? reply with { Snapshot = new SessionSnapshot(1, snapshot.CreatedAt, snapshot.Terms, snapshot.Data) } : reply;
    }
}

/// <summary>Does not tell what atomic changes did.</summary>
public sealed class KeepsResults(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        await base.CommitAsync(id, request, cancellationToken) with { Results = null };

    public override async ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken) =>
        await base.CreateAsync(id, request, cancellationToken) with { Results = null };
}

/// <summary>Answers a commit without the snapshot that was asked for.</summary>
public sealed class KeepsSnapshots(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        await base.CommitAsync(id, request, cancellationToken) with { Snapshot = null };
}

/// <summary>Takes bytes for text.</summary>
public sealed class KeepsText(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) => base.CommitAsync(
        id,
        request with
        {
            Changes =
            [
                .. request.Changes.Select(static change => change is { Kind: SessionChangeKind.Set, Value: { } value }
                    ? SessionChange.Set(change.Key, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(value.Span)))
                    : change),
            ],
        },
        cancellationToken);
}

/// <summary>Fails every call.</summary>
public sealed class Fails(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) => throw new SessionUnavailableException();

    public override ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken) => throw new SessionUnavailableException();

    public override ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken) => throw new SessionUnavailableException();
}

/// <summary>Never answers an open.</summary>
public sealed class Hangs(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        new(new TaskCompletionSource<SessionReply>().Task);
}
