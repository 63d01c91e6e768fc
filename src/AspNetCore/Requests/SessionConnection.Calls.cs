namespace ServerSession;

/// <summary>The calls to the store. Whatever a store throws but the cancellation its caller asked for means that the session cannot be reached.</summary>
internal sealed partial class SessionConnection
{
    /// <summary>An answer within this time takes nothing of what the request may wait for: long requests would run out of it by many good calls.</summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromMilliseconds(50);

    private TimeSpan _waited;

    /// <summary>How long the request waits for its next call.</summary>
    private TimeSpan Patience => _waited == TimeSpan.Zero ? services.Budget
        : services.Budget - _waited > CallBudget.Least ? services.Budget - _waited : CallBudget.Least;

    private void Waited(long began)
    {
        var time = services.Time.GetElapsedTime(began);
        if (time > Prompt)
        {
            _waited += time;
        }
    }

    private ValueTask<SessionReply> CallOpenAsync(CancellationToken cancellationToken)
    {
        var began = services.Time.GetTimestamp();
        ValueTask<SessionReply> call;
        try
        {
            call = services.Store.OpenAsync(_token.Id, _verifier, IsPreload ? OpenMode.Peek : OpenMode.Touch, cancellationToken);
            if (call.IsCompletedSuccessfully)
            {
                Waited(began);
                return call;
            }
        }
        catch (Exception exception)
        {
            call = ValueTask.FromException<SessionReply>(exception);
        }

        return AwaitOpenAsync(call, began, cancellationToken);
    }

    private async ValueTask<SessionReply> AwaitOpenAsync(ValueTask<SessionReply> call, long began, CancellationToken cancellationToken)
    {
        try
        {
            // The store bounds the first call itself.
            return _waited == TimeSpan.Zero
                ? await call
                : await call.AsTask().WaitAsync(Patience, services.Time, CancellationToken.None);
        }
        catch (Exception exception) when (IsFailure(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw Unavailable(exception);
        }
        finally
        {
            Waited(began);
        }
    }

    private async ValueTask<SessionReply> CallCreateAsync(SessionId id, CreateSession request)
    {
        var began = services.Time.GetTimestamp();
        try
        {
            return await services.Store.CreateAsync(id, request, CancellationToken.None);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Unavailable(exception);
        }
        finally
        {
            Waited(began);
        }
    }

    /// <summary>The ring is read for all requests at once, so each waits as long as it may.</summary>
    private async ValueTask<ShieldKeyRing> AwaitKeysAsync(ValueTask<ShieldKeyRing> call)
    {
        if (call.IsCompletedSuccessfully)
        {
            return call.Result;
        }

        var began = services.Time.GetTimestamp();
        try
        {
            return await call.AsTask().WaitAsync(Patience, services.Time, CancellationToken.None);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw new SessionUnavailableException("The cluster's shield keys cannot be read now.", exception);
        }
        finally
        {
            Waited(began);
        }
    }

    /// <summary>A fresh id; where none is at hand it is fetched for all requests at once, so each waits as long as it may.</summary>
    private async ValueTask<SessionIdLease> TakeIdAsync()
    {
        var call = services.Ids.TakeAsync();
        if (call.IsCompletedSuccessfully)
        {
            return call.Result;
        }

        var began = services.Time.GetTimestamp();
        try
        {
            return await call.AsTask().WaitAsync(Patience, services.Time, CancellationToken.None);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw new SessionUnavailableException("The cluster gives no session ids now.", exception);
        }
        finally
        {
            Waited(began);
        }
    }

    private ValueTask<SessionReply> CallCommitAsync(SessionChange[] changes, SessionTerms? terms, VerifierHash? newVerifier, bool wantSnapshot)
    {
        var now = services.Time.GetUtcNow();
        var request = new CommitSession
        {
            Verifier = _verifier,
            Operation = OperationId.New(),
            IssuedAt = now,
            NotAfter = now + Patience,
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
        var began = services.Time.GetTimestamp();
        try
        {
            var request = new DestroySession { Verifier = _verifier, NotAfter = services.Time.GetUtcNow() + Patience };
            return await services.Store.DestroyAsync(_token.Id, request, CancellationToken.None);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Unavailable(exception);
        }
        finally
        {
            Waited(began);
        }
    }

    private static bool IsFailure(Exception exception) => exception is not SessionUnavailableException;

    private static SessionUnavailableException Unavailable(Exception exception) => new("The session store failed.", exception);
}
