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
        _connection = new SessionConnection(context, services);
    }

    /// <summary>Whether the response may depend on the session.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Whether the response has to wait for a commit.</summary>
    public bool HasWork => _fault is not null || !_pending.IsEmpty;

    public TimeSpan RetryAfter => _services.Options.RetryAfter;

    /// <summary>Takes the place in front of the response, once per run of the pipeline.</summary>
    public void StandBeforeResponse()
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

    /// <summary>The session is used: from here on the response depends on it.</summary>
    private void Use()
    {
        DropIfHandled();
        if (!IsUsed || _gate is null)
        {
            IsUsed = true;
            StandBeforeResponse();
            ApplyCacheRules();
        }
    }

    private void UseForWriting()
    {
        if (_sealed || _context.Response.HasStarted)
        {
            throw new InvalidOperationException("The response has started, so the session cannot be changed any more. Change it before the first byte of the response.");
        }

        Use();
    }

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
