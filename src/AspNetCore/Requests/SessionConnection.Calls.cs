namespace ServerSession;

/// <summary>The calls to the store. Whatever a store throws but the cancellation its caller asked for means that the session cannot be reached.</summary>
internal sealed partial class SessionConnection
{
    private async ValueTask<SessionReply> CallOpenAsync(OpenMode mode, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Store.OpenAsync(_token.Id, _verifier, mode, cancellationToken);
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

    private async ValueTask<SessionReply> CallCommitAsync(SessionChange[] changes, SessionTerms? terms, VerifierHash? newVerifier, bool wantSnapshot)
    {
        var operation = OperationId.New();
        var now = services.Time.GetUtcNow();
        try
        {
            if (newVerifier is { } hash && changes.Length == 0 && terms is null && !wantSnapshot && !IsPreload)
            {
                return await services.Store.RotateAsync(_token.Id, _verifier, hash, operation, now, CancellationToken.None);
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
            };
            return await services.Store.CommitAsync(_token.Id, request, CancellationToken.None);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Unavailable(exception);
        }
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
