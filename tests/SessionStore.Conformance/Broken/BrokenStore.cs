using System.Collections.Concurrent;

namespace ServerSession.Tests.Stores.Broken;

/// <summary>A correct store, of which a derived class breaks one thing.</summary>
public abstract class BrokenStore(IServerSessionStore inner) : IServerSessionStore
{
    private readonly ConcurrentDictionary<SessionId, VerifierHash> _verifiers = new();

    protected IServerSessionStore Store => inner;

    public virtual ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        inner.OpenAsync(id, verifier, mode, cancellationToken);

    public virtual async ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
    {
        var reply = await inner.CreateAsync(id, request, cancellationToken);
        if (reply.Outcome == SessionOutcome.Created)
        {
            _verifiers[id] = request.Verifier;
        }

        return reply;
    }

    public virtual async ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken)
    {
        var reply = await inner.CommitAsync(id, request, cancellationToken);
        if (reply.Outcome == SessionOutcome.Committed && request.NewVerifier is { } next)
        {
            _verifiers[id] = next;
        }

        return reply;
    }

    public virtual ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken) =>
        inner.DestroyAsync(id, request, cancellationToken);

    /// <summary>The verifier that opens the session; that of the caller where it was never created.</summary>
    protected VerifierHash RightVerifier(SessionId id, VerifierHash verifier) => _verifiers.GetValueOrDefault(id, verifier);

    protected static SessionReply Answer(SessionOutcome outcome) => new() { Outcome = outcome };
}
