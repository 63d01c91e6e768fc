using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession;

/// <summary>What the middleware leaves with a request: all that an untouched request pays for.</summary>
internal sealed partial class ServerSessionFeature(HttpContext context, SessionServices services) : ISessionFeature
{
    private ISession? _adapter;

    /// <summary>The request's session; null until somebody asks for it.</summary>
    public RequestSession? Session { get; private set; }

    /// <summary>Whether the middleware's part of the pipeline is running.</summary>
    public bool InPipeline { get; private set; }

    /// <summary>The body as it was at the middleware: a different one later tells that a wrapper came between.</summary>
    public IHttpResponseBodyFeature? BodyAtEntry { get; private set; }

    ISession ISessionFeature.Session
    {
        get => _adapter ??= new SessionAdapter(GetOrCreate());
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
            return Session ??= new RequestSession(context, services, this);
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
        InPipeline = false;
        return Session is { } session ? session.EndAsync() : default;
    }

    /// <summary>The pipeline threw: true where the client has been answered and the exception has done its work.</summary>
    public ValueTask<bool> FailAsync(Exception exception)
    {
        InPipeline = false;
        return Session is { } session ? session.FailAsync(exception) : new(false);
    }
}
