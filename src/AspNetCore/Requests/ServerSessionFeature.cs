using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession;

/// <summary>What the middleware leaves with a request: all that an untouched request pays for.</summary>
internal sealed partial class ServerSessionFeature(HttpContext context, SessionServices services) : ISessionFeature
{
    private static readonly Func<object, Task> Completed = static feature =>
    {
        ((ServerSessionFeature)feature).Close();
        return Task.CompletedTask;
    };

    private ISession? _adapter;
    private volatile bool _closed;

    /// <summary>The request's session; null until somebody asks for it.</summary>
    public RequestSession? Session { get; private set; }

    /// <summary>Whether no response belongs to the HttpContext that could carry a cookie: a hub's connection over long polling.</summary>
    public bool HasNoResponse { get; init; }

    /// <summary>Whether the middleware's part of the pipeline is running.</summary>
    public bool InPipeline { get; private set; }

    /// <summary>The body as it was at the middleware: a different one later tells that a wrapper came between.</summary>
    public IHttpResponseBodyFeature? BodyAtEntry { get; private set; }

    ISession ISessionFeature.Session
    {
        get => _adapter ??= new SessionAdapter(GetOrCreate(), context, services.Logger);
        set => _adapter = value;
    }

    public RequestSession GetOrCreate()
    {
        if (Session is { } session)
        {
            return session;
        }

        // Parallel tasks of one request may ask at once; they must get the same one.
        lock (this)
        {
            if (Session is null)
            {
                ThrowIfOver();
                ThrowIfNotOn(context.Features);

                // A server completes the response before it gives the HttpContext to the next request, however the request has ended.
                context.Response.OnCompleted(Completed, this);
                Session = new RequestSession(context, services, this);
            }

            return Session;
        }
    }

    public void Enter()
    {
        InPipeline = true;
        BodyAtEntry = context.Features.Find<IHttpResponseBodyFeature>();
    }

    /// <summary>The pipeline came back: commits what is left and makes room for whoever wraps this middleware.</summary>
    public ValueTask EndAsync()
    {
        Leave();
        return Session is { } session ? session.EndAsync() : default;
    }

    /// <summary>The pipeline threw: true where the client has been answered and the exception has done its work.</summary>
    public ValueTask<bool> FailAsync(Exception exception)
    {
        Leave();
        return Session is { } session ? session.FailAsync(exception) : new(false);
    }

    /// <summary>
    /// Whether the request is over: then nothing of its HttpContext may be touched, because the server gives it to the next request of the
    /// connection. Where a server disposes of the HttpContext without completing the response, the HttpContext itself says so.
    /// </summary>
    public bool IsOver
    {
        get
        {
            try
            {
                return _closed || context.Features is null;
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Throws where the request is over.</summary>
    /// <exception cref="ObjectDisposedException">It is.</exception>
    public void ThrowIfOver()
    {
        if (IsOver)
        {
            throw Over();
        }
    }

    /// <summary>Throws where the features of the HttpContext are those of another request already.</summary>
    /// <exception cref="ObjectDisposedException">They are.</exception>
    public void ThrowIfNotOn(IFeatureCollection features)
    {
        if (!ReferenceEquals(features.Find<ServerSessionFeature>(), this))
        {
            throw Over();
        }
    }

    private static ObjectDisposedException Over() => new(
        objectName: null,
        "The request that this session handle belongs to is over, so the handle cannot be used any more: for work that goes on after a request, "
        + "await session.CreateBackgroundSessionAsync() while the request runs, and use the handle that it returns.");

    /// <summary>Under the lock, so that no use of the session that is under way puts a gate before a response that nobody would open.</summary>
    private void Leave()
    {
        lock (this)
        {
            InPipeline = false;
        }
    }

    /// <summary>Under the lock, so that whoever is using the HttpContext is done with it when this returns.</summary>
    private void Close()
    {
        lock (this)
        {
            _closed = true;
        }
    }
}
