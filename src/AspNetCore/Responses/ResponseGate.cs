using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession.AspNetCore;

/// <summary>
/// Stands between the application and the server's response from the first use of the session on (guarantee: read your writes): whatever would
/// make the first byte leave, first runs the application's OnStarting callbacks, then commits, and only then opens the way.
/// </summary>
/// <remarks>
/// A callback given to the server would be too late for that: a server that has begun to start a response can only break it off when a
/// callback fails. Here a failed commit replaces the application's response by problem details; of its headers only those stay that are about
/// the exchange (<see cref="RefusalHeaders"/>).
/// </remarks>
internal sealed class ResponseGate : IHttpResponseFeature, IHttpResponseBodyFeature
{
    private readonly IGatedSession _session;
    private readonly HttpContext _context;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpResponseBodyFeature _body;
    private readonly IHttpResponseBodyFeature _entry;
    private StartingCallbacks? _callbacks;
    private GateWriter? _writer;
    private GateStream? _stream;
    private GateUpgrades? _upgrades;
    private int _refused;
    private volatile bool _open;

    /// <summary>Takes its place in front of the response as it now is.</summary>
    /// <param name="session">The request's session.</param>
    /// <param name="context">The request.</param>
    /// <param name="entry">
    /// The body as it was at the middleware. Where nothing has wrapped it since, bytes that the application wrote but did not flush are held
    /// back until the commit; else the wrapper must get them before it unwinds and holds them itself, and a refusal goes round it.
    /// </param>
    public ResponseGate(IGatedSession session, HttpContext context, IHttpResponseBodyFeature? entry)
    {
        var features = context.Features;
        _session = session;
        _context = context;
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _entry = entry ?? _body;
        features.Set<IHttpResponseFeature>(this);
        features.Set<IHttpResponseBodyFeature>(this);
        _upgrades = GateUpgrades.Install(this, features);
    }

    /// <summary>Whether the response may flow; false also where it was refused.</summary>
    public bool IsOpen => _open;

    /// <summary>Whether the application's response was replaced; its bytes go nowhere.</summary>
    public bool IsRefused => Volatile.Read(ref _refused) != 0;

    public IHttpResponseBodyFeature Body => _body;

    /// <summary>Whether the server's writer has bytes that nobody has flushed: a direct write must not overtake them.</summary>
    public bool HasUnflushed => _writer?.HasUnflushed == true;

    int IHttpResponseFeature.StatusCode
    {
        get => _response.StatusCode;
        set => _response.StatusCode = value;
    }

    string? IHttpResponseFeature.ReasonPhrase
    {
        get => _response.ReasonPhrase;
        set => _response.ReasonPhrase = value;
    }

    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => _response.Headers;
        set => _response.Headers = value;
    }

    [Obsolete("Use IHttpResponseBodyFeature.Stream instead.")]
    Stream IHttpResponseFeature.Body
    {
        get => Stream;
        set => _response.Body = value;
    }

    bool IHttpResponseFeature.HasStarted => _response.HasStarted;

    public Stream Stream => _stream ??= new GateStream(this, _context);

    public PipeWriter Writer => _writer ??= new GateWriter(this, buffers: ReferenceEquals(_entry, _body));

    /// <summary>Gives the server's response its place back.</summary>
    public void Remove()
    {
        var features = _context.Features;
        if (ReferenceEquals(features.Get<IHttpResponseFeature>(), this))
        {
            features.Set(_response);
        }

        if (ReferenceEquals(features.Get<IHttpResponseBodyFeature>(), this))
        {
            features.Set(_body);
        }

        _upgrades?.Remove(features);
        _upgrades = null;
    }

    /// <summary>Leaves without a commit: the callbacks are the server's from here on, in the order they were given.</summary>
    public void Abandon()
    {
        if (!_response.HasStarted)
        {
            _callbacks?.MoveTo(_response);
        }

        _callbacks = null;
        _writer?.Discard();
        _open = true;
        Remove();
    }

    /// <summary>Runs the callbacks, commits and opens the way. False where the response was refused: then the application's bytes are swallowed.</summary>
    public async ValueTask<bool> OpenAsync()
    {
        if (_open || IsRefused)
        {
            return _open;
        }

        if (_callbacks is { Any: true } callbacks)
        {
            await callbacks.RunAsync(_response.Headers);
        }

        try
        {
            await _session.CommitAsync();
        }
        catch (Exception exception) when (SessionProblem.Of(exception) is { } problem)
        {
            await RefuseAsync(problem, exception);
        }

        if (IsRefused)
        {
            return false;
        }

        MarkOpen();
        return true;
    }

    /// <summary>Opens for bytes that do not go through the writer; what the application wrote there before goes first.</summary>
    public async ValueTask<bool> OpenForDirectAsync(CancellationToken cancellationToken)
    {
        if (!await OpenAsync())
        {
            return false;
        }

        if (_writer is { HasUnflushed: true })
        {
            _writer.HasUnflushed = false;
            await _body.Writer.FlushAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>Replaces the application's response. Callbacks that have not run yet run first: they may set headers of CORS or security.</summary>
    public async ValueTask RefuseAsync(SessionProblem problem, Exception exception)
    {
        if (Interlocked.Exchange(ref _refused, 1) != 0)
        {
            return;
        }

        _writer?.Discard();
        _session.OnRefused(problem.Status, exception);
        if (_response.HasStarted)
        {
            _callbacks = null;
            _context.Abort();
            return;
        }

        var json = problem.ToJson();
        _response.StatusCode = problem.Status;
        _response.ReasonPhrase = null;
        if (_callbacks is { Any: true } callbacks)
        {
            await callbacks.RunForRefusalAsync(_response.Headers, _session, exception);
        }

        RefusalHeaders.Retain(_response.Headers, _callbacks?.HeadersBefore);
        _context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers.Clear();
        _response.StatusCode = problem.Status;
        _response.ReasonPhrase = null;
        problem.WriteHeaders(_response.Headers, json.Length, _session.RetryAfter);
        NoStoreResponse.Install(_context, warnings: null);
        if (!HttpMethods.IsHead(_context.Request.Method))
        {
            await _entry.Stream.WriteAsync(json, CancellationToken.None);
        }

        await _entry.CompleteAsync();
        if (HasUnflushed && !ReferenceEquals(_body.Writer, _entry.Writer))
        {
            // A wrapper holds bytes of the application; with an exception it drops them instead of sending them after the problem.
            await _body.Writer.CompleteAsync(exception);
        }
    }

    void IHttpResponseFeature.OnStarting(Func<object, Task> callback, object state)
    {
        if (_open || _response.HasStarted)
        {
            _response.OnStarting(callback, state);
        }
        else
        {
            (_callbacks ??= new()).Add(callback, state);
        }
    }

    void IHttpResponseFeature.OnCompleted(Func<object, Task> callback, object state) => _response.OnCompleted(callback, state);

    void IHttpResponseBodyFeature.DisableBuffering() => _body.DisableBuffering();

    async Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken)
    {
        if (await OpenAsync())
        {
            await _body.StartAsync(cancellationToken);
        }
    }

    async Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken)
    {
        if (await OpenForDirectAsync(cancellationToken))
        {
            await _body.SendFileAsync(path, offset, count, cancellationToken);
        }
    }

    async Task IHttpResponseBodyFeature.CompleteAsync()
    {
        if (await OpenAsync())
        {
            await _body.CompleteAsync();
        }
    }

    private void MarkOpen()
    {
        _session.OnOpening();
        _open = true;
        _writer?.Drain();
    }
}
