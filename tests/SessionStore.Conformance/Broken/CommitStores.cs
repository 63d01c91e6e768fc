namespace ServerSession.Tests.Stores.Broken;

/// <summary>Acknowledges changes that it does not make.</summary>
public sealed class LosesCommits(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        base.CommitAsync(id, request with { Changes = [] }, cancellationToken);
}

/// <summary>Creates a session without its first changes.</summary>
public sealed class LosesFirstChanges(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken) =>
        base.CreateAsync(id, request with { Changes = [] }, cancellationToken);
}

/// <summary>Reads the whole session, changes it and writes it back: of two commits at once the later wins everything.</summary>
public sealed class WritesBackTheWhole(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken)
    {
        var opened = await Store.OpenAsync(id, request.Verifier, OpenMode.Peek, cancellationToken);
        await Task.Delay(20, cancellationToken);
        if (opened.Snapshot is not { } snapshot || request.NewVerifier is not null)
        {
            return await base.CommitAsync(id, request, cancellationToken);
        }

        List<SessionChange> changes = [SessionChange.Clear()];
        foreach (var entry in snapshot.Data.Entries)
        {
            changes.Add(SessionChange.Set(entry.Key, entry.Value.Bytes));
        }

        return await base.CommitAsync(id, request with { Changes = [.. changes, .. request.Changes] }, cancellationToken);
    }
}

/// <summary>Reads a value outside of the commit that takes it.</summary>
public sealed class TakesInTwoSteps(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken)
    {
        if (request.Changes is not [{ Kind: SessionChangeKind.Take } take])
        {
            return await base.CommitAsync(id, request, cancellationToken);
        }

        var opened = await Store.OpenAsync(id, request.Verifier, OpenMode.Peek, cancellationToken);
        SessionValue? value = opened.Snapshot is { } snapshot && snapshot.Data.TryGetValue(take.Key, out var found) ? found : null;
        await Task.Delay(20, cancellationToken);
        var reply = await base.CommitAsync(id, request with { Changes = [SessionChange.Remove(take.Key)] }, cancellationToken);
        return reply with { Results = [new SessionChangeResult(value is not null, value)] };
    }
}

/// <summary>Takes a repeat for another operation.</summary>
public sealed class AppliesRepeats(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        base.CommitAsync(id, request with { Operation = OperationId.New() }, cancellationToken);
}

/// <summary>Makes the changes up to one that is refused.</summary>
public sealed class MakesHalf(IServerSessionStore inner, TimeProvider time) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken)
    {
        var reply = await base.CommitAsync(id, request, cancellationToken);
        if (reply.Outcome is SessionOutcome.TooLarge or SessionOutcome.Mismatch)
        {
            await Store.CommitAsync(id, request with { Operation = OperationId.New(), Changes = [.. request.Changes.SkipLast(1)] }, cancellationToken);
        }

        return reply;
    }

    public override async ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
    {
        var reply = await base.CreateAsync(id, request, cancellationToken);
        if (reply.Outcome is SessionOutcome.TooLarge or SessionOutcome.Mismatch)
        {
            await Store.CreateAsync(id, request with { IssuedAt = time.GetUtcNow(), Changes = [.. request.Changes.SkipLast(1)] }, cancellationToken);
        }

        return reply;
    }
}

/// <summary>Says nothing of limits and values that do not fit.</summary>
public sealed class HidesRefusals(IServerSessionStore inner) : BrokenStore(inner)
{
    public override async ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        Hidden(await base.CommitAsync(id, request, cancellationToken), SessionOutcome.Committed);

    public override async ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken) =>
        Hidden(await base.CreateAsync(id, request, cancellationToken), SessionOutcome.Created);

    private static SessionReply Hidden(SessionReply reply, SessionOutcome outcome) =>
        reply.Outcome is SessionOutcome.TooLarge or SessionOutcome.Mismatch ? Answer(outcome) : reply;
}

/// <summary>Does what its caller has given up.</summary>
public sealed class IgnoresGivingUp(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken) =>
        base.CreateAsync(id, request with { NotAfter = null }, cancellationToken);

    public override ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        base.CommitAsync(id, request with { NotAfter = null }, cancellationToken);

    public override ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken) =>
        Store.DestroyAsync(id, request with { NotAfter = null }, cancellationToken);
}

/// <summary>Does what was asked long ago.</summary>
public sealed class IgnoresTheWindow(IServerSessionStore inner, TimeProvider time) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken) =>
        base.CreateAsync(id, request with { IssuedAt = time.GetUtcNow() }, cancellationToken);

    public override ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        base.CommitAsync(id, request with { IssuedAt = time.GetUtcNow() }, cancellationToken);
}

/// <summary>Makes the changes in the opposite order.</summary>
public sealed class ReversesChanges(IServerSessionStore inner) : BrokenStore(inner)
{
    public override ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) =>
        base.CommitAsync(id, request with { Changes = [.. request.Changes.Reverse()] }, cancellationToken);
}
