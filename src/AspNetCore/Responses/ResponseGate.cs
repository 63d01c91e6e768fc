using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ServerSession;

/// <summary>
/// Stands between the application and the server's response from the first use of the session on (law 1, read your writes): whatever would
/// make the first byte leave, first runs the application's OnStarting callbacks, then commits, and only then opens the way.
/// </summary>
/// <remarks>
/// A callback given to the server would be too late for that: a server that has begun to start a response can only break it off when a
/// callback fails. Here a failed commit replaces the application's response by problem details; of its headers only those stay that are about
/// the exchange (<see cref="RefusalHeaders"/>).
/// </remarks>
internal sealed partial class ResponseGate
{
    private readonly RequestSession _session;
    private readonly HttpContext _context;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpResponseBodyFeature _body;
    private readonly IHttpResponseBodyFeature _entry;
    private Stack<KeyValuePair<Func<object, Task>, object>>? _callbacks;
    private KeyValuePair<string, StringValues>[]? _beforeCallbacks;
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
    public ResponseGate(RequestSession session, HttpContext context, IHttpResponseBodyFeature? entry)
    {
        var features = context.Features;
        _session = session;
        _context = context;
        _response = features.Require<IHttpResponseFeature>();
        _body = features.Require<IHttpResponseBodyFeature>();
        _entry = entry ?? _body;
        features.Put<IHttpResponseFeature>(this);
        features.Put<IHttpResponseBodyFeature>(this);
        _upgrades = GateUpgrades.Install(this, features);
    }

    /// <summary>Whether the response may flow; false also where it was refused.</summary>
    public bool IsOpen => _open;

    /// <summary>Whether the application's response was replaced; its bytes go nowhere.</summary>
    public bool IsRefused => Volatile.Read(ref _refused) != 0;

    public IHttpResponseBodyFeature Body => _body;

    /// <summary>Gives the server's response its place back.</summary>
    public void Remove()
    {
        var features = _context.Features;
        if (ReferenceEquals(features.Find<IHttpResponseFeature>(), this))
        {
            features.Put(_response);
        }

        if (ReferenceEquals(features.Find<IHttpResponseBodyFeature>(), this))
        {
            features.Put(_body);
        }

        _upgrades?.Remove(features);
        _upgrades = null;
    }

    /// <summary>Leaves without a commit: the callbacks are the server's from here on, in the order they were given.</summary>
    public void Abandon()
    {
        if (_callbacks is { } callbacks && !_response.HasStarted)
        {
            foreach (var (callback, state) in callbacks.Reverse())
            {
                _response.OnStarting(callback, state);
            }
        }

        _callbacks = null;
        _writer?.Discard();
        _open = true;
        Remove();
    }

    /// <summary>Runs the callbacks, commits and opens the way. False where the response was refused: then the application's bytes are swallowed.</summary>
    public ValueTask<bool> OpenAsync()
    {
        if (_open)
        {
            return new(true);
        }

        if (IsRefused)
        {
            return new(false);
        }

        if (_callbacks is { Count: > 0 } || _session.HasWork)
        {
            return OpenSlowlyAsync();
        }

        LetGo();
        return new(true);
    }

    /// <summary>Replaces the application's response. Callbacks that have not run yet run first: they may set headers of CORS or security.</summary>
    public async ValueTask RefuseAsync(SessionProblem problem, Exception exception)
    {
        if (Interlocked.Exchange(ref _refused, 1) != 0)
        {
            return;
        }

        _writer?.Discard();
        _session.Discard();
        _session.CountRefusal(problem.Status, exception);
        if (_response.HasStarted)
        {
            _callbacks = null;
            _context.Abort();
            return;
        }

        var json = problem.ToJson();
        _response.StatusCode = problem.Status;
        _response.ReasonPhrase = null;
        await RunCallbacksOfRefusalAsync(exception);
        RefusalHeaders.Retain(_response.Headers, _beforeCallbacks);
        _context.Features.Find<IHttpResponseTrailersFeature>()?.Trailers.Clear();
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

    private async ValueTask<bool> OpenSlowlyAsync()
    {
        if (_callbacks is { Count: > 0 })
        {
            _beforeCallbacks ??= RefusalHeaders.Record(_response.Headers);
        }

        while (_callbacks is { } callbacks && callbacks.TryPop(out var callback))
        {
            await callback.Key(callback.Value);
        }

        try
        {
            await _session.CommitResponseAsync();
        }
        catch (Exception exception) when (SessionProblem.Of(exception) is { } problem)
        {
            await RefuseAsync(problem, exception);
            return false;
        }

        if (IsRefused)
        {
            return false;
        }

        LetGo();
        return true;
    }

    /// <summary>
    /// What a callback does to the session fails at once, with the refusal's exception, and its own failure changes nothing: the client is told
    /// of the refusal.
    /// </summary>
    private async ValueTask RunCallbacksOfRefusalAsync(Exception refusal)
    {
        if (_callbacks is not { Count: > 0 } callbacks)
        {
            return;
        }

        _beforeCallbacks ??= RefusalHeaders.Record(_response.Headers);
        _session.Refusal = refusal;
        while (callbacks.TryPop(out var callback))
        {
            try
            {
                await callback.Key(callback.Value);
            }
            catch (Exception exception)
            {
                _session.NoteAfterRefusal(exception);
            }
        }

        _session.Refusal = null;
        _session.Discard();
    }

    private void LetGo()
    {
        _session.ApplyCacheRules();
        _open = true;
        _writer?.Drain();
    }
}
