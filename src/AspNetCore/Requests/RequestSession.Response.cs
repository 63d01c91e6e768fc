using Microsoft.AspNetCore.Http;

namespace ServerSession;

internal sealed partial class RequestSession
{
    /// <summary>Commits before the response; nothing to do is the usual case.</summary>
    public ValueTask<SessionReply?> CommitResponseAsync()
    {
        DropIfHandled();
        return HasWork ? CommitPendingAsync(wantSnapshot: false) : default;
    }

    public void ApplyCacheRules()
    {
        if (!IsUsed)
        {
            return;
        }

        if (SendsToken)
        {
            CacheRules.ApplyToToken(_context, _services.Carriers, _services.Warnings);
        }
        else
        {
            CacheRules.Apply(_context, _services.Carriers);
        }
    }

    /// <summary>Whether the response hands out, renews or expires a token, as far as is known yet.</summary>
    private bool SendsToken => _connection.Issued is not null || _connection.Destroyed || RenewsCookie;

    /// <summary>Whether the response writes the request's persistent cookie again. A preload is no use of the session.</summary>
    private bool RenewsCookie =>
        _connection.Standing == SessionStanding.Live && _connection.Transport == TokenTransport.Cookie
        && _services.Cookie.IsRenewalDue(_context.Request, _services.Time.GetUtcNow()) && !Preload.Is(_context.Request);

    public void CountRefusal(int status, Exception exception)
    {
        _services.Metrics.RefusedResponse(status);
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            SessionLog.Refused(_services.Logger, status, exception);
        }
    }

    /// <summary>Why the response is being refused, while callbacks of the application run for the refusal: the session does nothing meanwhile.</summary>
    public Exception? Refusal { get; set; }

    private void ThrowIfRefused()
    {
        if (Refusal is { } refusal)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(refusal);
        }
    }

    /// <summary>Notes an exception that the application threw after its response had been replaced.</summary>
    public void NoteAfterRefusal(Exception exception) => SessionLog.AfterRefusal(_services.Logger, exception);

    public async ValueTask EndAsync()
    {
        if (_gate is { } gate)
        {
            try
            {
                await gate.OpenAsync();
            }
            catch
            {
                // A callback of the application failed: that is an exception of the application.
                Discard();
                gate.Abandon();
                throw;
            }
            finally
            {
                _gate = null;
                gate.Remove();
            }
        }

        if (HasWork && _context.Response.HasStarted)
        {
            var late = new InvalidOperationException("The session was changed while the response was starting, too late to be committed before it.");
            SessionLog.Aborted(_services.Logger, late);
            throw late;
        }
    }

    public async ValueTask<bool> FailAsync(Exception exception)
    {
        var gate = _gate;
        _gate = null;
        if (gate is { IsRefused: true })
        {
            NoteAfterRefusal(exception);
            gate.Remove();
            return true;
        }

        Discard();
        if (SessionProblem.Of(exception) is { } problem && !_context.Response.HasStarted)
        {
            // A key alone can be refused, before the session's first use: then nothing stands before the response yet.
            gate ??= new ResponseGate(this, _context, _feature.BodyAtEntry);
            await gate.RefuseAsync(problem, exception);
            gate.Remove();
            return true;
        }

        gate?.Abandon();
        return false;
    }

    /// <summary>
    /// The server starts the response: the place for the headers, which nothing can clear any more. Changes are left here only where the way
    /// went round the gate (a body captured before the first use, a callback registered before it); then a failure can only break the response off.
    /// </summary>
    private Task OnResponseStarting()
    {
        DropIfHandled();
        if (HasWork)
        {
            return CommitLateAsync();
        }

        WriteHeaders();
        return Task.CompletedTask;
    }

    private async Task CommitLateAsync()
    {
        try
        {
            await CommitPendingAsync(wantSnapshot: false);
        }
        catch (Exception exception)
        {
            Discard();
            SessionLog.Aborted(_services.Logger, exception);
            throw;
        }

        WriteHeaders();
    }

    /// <summary>Hands out only tokens whose session the owner has acknowledged.</summary>
    private void WriteHeaders()
    {
        _sealed = true;
        if (_connection.Issued is { } issued)
        {
            HandOut(issued);
        }
        else if (_connection.Destroyed)
        {
            if (_connection.Transport == TokenTransport.Cookie)
            {
                _services.Cookie.Expire(_context);
            }
        }
        else if (IsUsed && RenewsCookie)
        {
            HandOut(_connection.Token);
        }

        if (_connection.Destroyed && _context.Response.Headers["Clear-Site-Data"].Count == 0)
        {
            _context.Response.Headers["Clear-Site-Data"] = "\"cache\", \"prefetchCache\", \"prerenderCache\"";
        }

        ApplyCacheRules();
        if (IsUsed && SendsToken)
        {
            NoStoreResponse.Install(_context, _services.Warnings);
        }
    }

    private void HandOut(SessionToken token)
    {
        var now = _services.Time.GetUtcNow();
        var text = token.Encode(_services.Keys.Current!.SigningKey(now));
        if (_connection.Transport == TokenTransport.Header)
        {
            _context.Response.Headers[_services.Options.Header!] = text;
        }
        else
        {
            _services.Cookie.Issue(_context, text, now);
        }
    }
}
