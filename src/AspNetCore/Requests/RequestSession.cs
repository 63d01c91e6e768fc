using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using ServerSession.Core;

namespace ServerSession;

/// <summary>The session of one request: its line to the owner, the changes it has buffered, and its place in the response.</summary>
internal sealed partial class RequestSession
{
    private readonly HttpContext _context;
    private readonly SessionServices _services;
    private readonly ServerSessionFeature _feature;
    private readonly SessionConnection _connection;
    private readonly PendingChanges _pending = new();

    /// <summary>One operation at the owner at a time, also where the request runs parallel tasks.</summary>
    private readonly Turn _turn = new();

    private ResponseGate? _gate;
    private Exception? _fault;
    private IExceptionHandlerFeature? _handled;
    private int _handledRevision = -1;
    private bool _hooked;
    private bool _sealed;

    public RequestSession(HttpContext context, SessionServices services, ServerSessionFeature feature)
    {
        _context = context;
        _services = services;
        _feature = feature;
        _connection = new SessionConnection(new PresentedTokens(context.Request, services.Options.Header), services);
    }

    /// <summary>Whether the response may depend on the session.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Whether the response has to wait for a commit.</summary>
    public bool HasWork => _fault is not null || !_pending.IsEmpty;

    public TimeSpan RetryAfter => _services.Options.RetryAfter;

    /// <summary>Takes the place in front of the response, once per run of the pipeline.</summary>
    public void StandBeforeResponse()
    {
        lock (_feature)
        {
            Stand();
        }
    }

    private void Stand()
    {
        if (_gate is not null || _context.Response.HasStarted)
        {
            return;
        }

        if (!_hooked)
        {
            _hooked = true;
            _context.Response.OnStarting(static session => ((RequestSession)session).OnResponseStarting(), this);
        }

        if (_feature.InPipeline)
        {
            _gate = new ResponseGate(this, _context, _feature.BodyAtEntry);
        }
    }

    /// <summary>
    /// The session is used: from here on the response depends on it. Whatever a handle does to its HttpContext, it does here or in
    /// <see cref="UseForWriting"/>, under the lock under which the request's end closes it.
    /// </summary>
    private void Use()
    {
        lock (_feature)
        {
            UseLocked();
        }
    }

    private void UseForWriting()
    {
        lock (_feature)
        {
            _feature.ThrowIfOver();
            ThrowIfRefused();
            if (_feature.HasNoResponse)
            {
                throw new InvalidOperationException(
                    "This hub connection uses long polling, which has no response for the session's cookie, so the session can only be read: "
                    + "to change it, await session.CreateBackgroundSessionAsync() and use the handle that it returns.");
            }

            if (_sealed || _context.Response.HasStarted)
            {
                throw ResponseHasStarted();
            }

            UseLocked();
        }
    }

    private void UseLocked()
    {
        _feature.ThrowIfOver();
        DropIfHandled();
        if (!IsUsed || _gate is null)
        {
            IsUsed = true;
            Stand();
            ApplyCacheRules();
        }
    }

    /// <summary>A wait may have outlasted the response's start, or the request: a token that is made now would reach nobody.</summary>
    private void ThrowIfNoTokenCanBeSent()
    {
        _feature.ThrowIfOver();
        if (_sealed)
        {
            throw ResponseHasStarted();
        }
    }

    private static InvalidOperationException ResponseHasStarted() =>
        new("The response has started, so the session cannot be changed any more. Change it before the first byte of the response, or through CreateBackgroundSessionAsync.");

    /// <summary>
    /// An exception that the application did not handle discards the buffered changes. Where the exception handler's middleware stands
    /// inside ours, its feature is all there is to see of the exception.
    /// </summary>
    private void DropIfHandled()
    {
        var features = _context.Features;
        if (features.Revision == _handledRevision)
        {
            return;
        }

        _feature.ThrowIfNotOn(features);
        _handledRevision = features.Revision;
        if (features.Find<IExceptionHandlerFeature>() is { } handled && !ReferenceEquals(handled, _handled))
        {
            _handled = handled;
            Discard();
        }
    }

    /// <summary>Forgets the buffered changes, and that they failed.</summary>
    public void Discard()
    {
        _pending.DropAll();
        _fault = null;
    }
}
