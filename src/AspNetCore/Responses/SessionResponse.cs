using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>
/// The response's side of a session: the gate before the first byte, the headers, and what becomes of the response where the commit fails.
/// </summary>
internal sealed class SessionResponse(HttpContext context, ServerSessionFeature request, SessionWork work, SessionServices services) : IGatedSession
{
    private ResponseGate? _gate;
    private IExceptionHandlerFeature? _handled;
    private int _handledRevision = -1;
    private bool _hooked;

    /// <summary>Whether the response may depend on the session.</summary>
    public bool IsUsed { get; private set; }

    bool IGatedSession.HasWork => work.HasWork;

    TimeSpan IGatedSession.RetryAfter => services.Options.RetryAfter;

    /// <summary>Takes the place in front of the response, once per run of the pipeline.</summary>
    public void InstallGate()
    {
        lock (request)
        {
            InstallGateLocked();
        }
    }

    /// <summary>
    /// The session is read: from here on the response depends on it. Whatever a handle does to its HttpContext, it does here or in
    /// <see cref="BeginWrite"/>, under the lock under which the request's end closes it.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public void BeginRead()
    {
        lock (request)
        {
            BeginUseLocked();
        }
    }

    /// <summary>The session is changed: as <see cref="BeginRead"/>, where the response can still wait for the commit.</summary>
    /// <exception cref="InvalidOperationException">The response has started, or there is none.</exception>
    public void BeginWrite()
    {
        lock (request)
        {
            request.ThrowIfOver();
            work.ThrowIfRefused();
            request.ThrowIfNotWritable();
            BeginUseLocked();
        }
    }

    /// <summary>Runs an action when the response is completed; where there is none, when the connection's services are disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public void OnCompleted(Action action)
    {
        lock (request)
        {
            request.ThrowIfOver();
            if (request.HasNoResponse)
            {
                context.RequestServices.GetRequiredService<ScopeEnd>().Add(action);
                return;
            }

            context.Response.OnCompleted(
                static action =>
                {
                    ((Action)action)();
                    return Task.CompletedTask;
                },
                action);
        }
    }

    /// <summary>The pipeline came back: commits what is left.</summary>
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
                work.Discard();
                gate.Abandon();
                throw;
            }
            finally
            {
                _gate = null;
                gate.Remove();
            }
        }

        if (work.HasWork && context.Response.HasStarted)
        {
            var late = new InvalidOperationException("The session was changed while the response was starting, too late to be committed before it.");
            SessionLog.Aborted(services.Logger, late);
            throw late;
        }
    }

    /// <summary>The pipeline threw: true where the client has been answered and the exception has done its work.</summary>
    public async ValueTask<bool> FailAsync(Exception exception)
    {
        var gate = _gate;
        _gate = null;
        if (gate is { IsRefused: true })
        {
            SessionLog.AfterRefusal(services.Logger, exception);
            gate.Remove();
            return true;
        }

        work.Discard();
        if (SessionProblem.Of(exception) is { } problem && !context.Response.HasStarted)
        {
            // A key alone can be refused, before the session's first use: then nothing stands before the response yet.
            gate ??= new ResponseGate(this, context, request.BodyAtEntry);
            await gate.RefuseAsync(problem, exception);
            gate.Remove();
            return true;
        }

        gate?.Abandon();
        return false;
    }

    ValueTask IGatedSession.CommitAsync()
    {
        DropIfHandled();
        return work.HasWork ? work.CommitAsync(wantSnapshot: false) : default;
    }

    void IGatedSession.OnOpening() => ApplyCacheRules();

    void IGatedSession.OnRefused(int status, Exception exception)
    {
        work.Discard();
        services.Metrics.RefusedResponse(status);
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            SessionLog.Refused(services.Logger, status, exception);
        }
    }

    void IGatedSession.BeginCallbacksOfRefusal(Exception refusal) => work.Refusal = refusal;

    void IGatedSession.EndCallbacksOfRefusal()
    {
        work.Refusal = null;
        work.Discard();
    }

    void IGatedSession.OnExceptionAfterRefusal(Exception exception) => SessionLog.AfterRefusal(services.Logger, exception);

    private void InstallGateLocked()
    {
        if (_gate is not null || context.Response.HasStarted)
        {
            return;
        }

        if (!_hooked)
        {
            _hooked = true;
            context.Response.OnStarting(static response => ((SessionResponse)response).OnStartingAsync(), this);
        }

        if (request.InPipeline)
        {
            _gate = new ResponseGate(this, context, request.BodyAtEntry);
        }
    }

    private void BeginUseLocked()
    {
        request.ThrowIfOver();
        DropIfHandled();
        if (!IsUsed || _gate is null)
        {
            IsUsed = true;
            InstallGateLocked();
            ApplyCacheRules();
        }
    }

    /// <summary>
    /// An exception that the application did not handle discards the buffered changes. Where the exception handler's middleware stands
    /// inside ours, its feature is all there is to see of the exception.
    /// </summary>
    private void DropIfHandled()
    {
        var features = context.Features;
        if (features.Revision == _handledRevision)
        {
            return;
        }

        request.ThrowIfNotOn(features);
        _handledRevision = features.Revision;
        if (features.Get<IExceptionHandlerFeature>() is { } handled && !ReferenceEquals(handled, _handled))
        {
            _handled = handled;
            work.Discard();
        }
    }

    /// <summary>
    /// The server starts the response: the place for the headers, which nothing can clear any more. Changes are left here only where the way
    /// went round the gate (a body captured before the first use, a callback registered before it); then a failure can only break the response off.
    /// </summary>
    private async Task OnStartingAsync()
    {
        DropIfHandled();
        if (work.HasWork)
        {
            try
            {
                await work.CommitAsync(wantSnapshot: false);
            }
            catch (Exception exception)
            {
                work.Discard();
                SessionLog.Aborted(services.Logger, exception);
                throw;
            }
        }

        request.Seal();
        if (IsUsed)
        {
            SessionHeaders.Write(context, work.Connection, services);
        }
    }

    private void ApplyCacheRules()
    {
        if (IsUsed)
        {
            SessionHeaders.ApplyCacheRules(context, work.Connection, services);
        }
    }
}
