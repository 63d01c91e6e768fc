namespace ServerSession;

/// <summary>The calls to the store. Whatever a store throws but the cancellation its caller asked for means that the session cannot be reached.</summary>
internal sealed partial class SessionConnection
{
    private ValueTask<SessionReply> CallOpenAsync(CancellationToken cancellationToken)
    {
        ValueTask<SessionReply> call;
        try
        {
            call = services.Store.OpenAsync(_token.Id, _verifier, IsPreload ? OpenMode.Peek : OpenMode.Touch, cancellationToken);
            if (call.IsCompletedSuccessfully)
            {
                return call;
            }
        }
        catch (Exception exception)
        {
            call = ValueTask.FromException<SessionReply>(exception);
        }

        return AwaitOpenAsync(call, cancellationToken);
    }

    private static async ValueTask<SessionReply> AwaitOpenAsync(ValueTask<SessionReply> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call;
        }
        catch (Exception exception) when (IsFailure(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw Unavailable(exception);
        }
    }

    private async ValueTask<SessionReply> CallCreateAsync(SessionId id, CreateSession request)
    {
        try
        {
            return await services.Store.CreateAsync(id, request, CancellationToken.None);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Unavailable(exception);
        }
    }

    private ValueTask<SessionReply> CallCommitAsync(SessionChange[] changes, SessionTerms? terms, VerifierHash? newVerifier, bool wantSnapshot)
    {
        var operation = OperationId.New();
        var now = services.Time.GetUtcNow();
        if (newVerifier is { } hash && changes.Length == 0 && terms is null && !wantSnapshot && !IsPreload)
        {
            return services.Store.RotateAsync(_token.Id, _verifier, hash, operation, now, CancellationToken.None);
        }

        var request = new CommitSession
        {
            Verifier = _verifier,
            Operation = operation,
            IssuedAt = now,
            Changes = changes,
            NewVerifier = newVerifier,
            NewTerms = terms,
            WantSnapshot = wantSnapshot,
            Touch = !IsPreload,
            MayRepeat = false,
        };
        return services.Store.CommitAsync(_token.Id, request, CancellationToken.None);
    }

    private async ValueTask<SessionReply> CallDestroyAsync()
    {
        try
        {
            return await services.Store.DestroyAsync(_token.Id, new DestroySession { Verifier = _verifier }, CancellationToken.None);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Unavailable(exception);
        }
    }

    private static bool IsFailure(Exception exception) => exception is not SessionUnavailableException;

    private static SessionUnavailableException Unavailable(Exception exception) => new("The session store failed.", exception);
}
