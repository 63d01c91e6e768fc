namespace ServerSession.Tests.Stores.Broken;

/// <summary>Opens without a look at the verifier.</summary>
public sealed class OpensForAnybody(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        Store.OpenAsync(id, RightVerifier(id, verifier), mode, cancellationToken);
}

/// <summary>Extends a session for whoever knows its id.</summary>
public sealed class TouchesForAnybody(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken)
    {
        await Store.OpenAsync(id, RightVerifier(id, verifier), mode, cancellationToken);
        return await Store.OpenAsync(id, verifier, mode, cancellationToken);
    }
}

/// <summary>Commits without a look at the verifier.</summary>
public sealed class CommitsForAnybody(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        base.CommitAsync(id, request with { Verifier = RightVerifier(id, request.Verifier) }, cancellationToken);
}

/// <summary>Destroys without a look at the verifier.</summary>
public sealed class DestroysForAnybody(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken) =>
        Store.DestroyAsync(id, request with { Verifier = null }, cancellationToken);
}

/// <summary>Asks administrators for a token.</summary>
public sealed class RefusesAdministrators(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken) =>
        request.Verifier is null && id != default ? new(Answer(SessionOutcome.Stale)) : Store.DestroyAsync(id, request, cancellationToken);
}

/// <summary>Commits a rotation without the rotation.</summary>
public sealed class KeepsOldTokens(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        Store.CommitAsync(id, request with { NewVerifier = null }, cancellationToken);
}

/// <summary>Never says that the grace of a rotation is over.</summary>
public sealed class HasEndlessGrace(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        await base.OpenAsync(id, verifier, mode, cancellationToken) with { GraceIsOver = false };
}

/// <summary>Says that the grace of a rotation is over at once.</summary>
public sealed class HasNoGrace(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken)
    {
        var reply = await base.OpenAsync(id, verifier, mode, cancellationToken);
        return reply with { GraceIsOver = reply.Outcome == SessionOutcome.Stale };
    }
}
