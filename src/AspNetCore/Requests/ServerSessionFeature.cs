using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>What the middleware leaves with a request: all that an untouched request pays for.</summary>
/// <remarks>
/// As the feature of the request's services it lets them know their request, so that <see cref="IServerSession"/> can be injected. The usual way,
/// an IHttpContextAccessor, costs every request of the application more than this whole middleware: the server makes a new HttpContext and
/// several execution contexts for each.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The framework's feature registers itself to be disposed with the response.")]
internal sealed class ServerSessionFeature(HttpContext context, SessionServices services) : ISessionFeature, IServiceProvidersFeature
{
    private static readonly Func<object, Task> Completed = static feature =>
    {
        ((ServerSessionFeature)feature).Close();
        return Task.CompletedTask;
    };

    private ISession? _adapter;
    private RequestServicesFeature? _providers;
    private volatile bool _closed;
    private volatile bool _sealed;

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

    IServiceProvider IServiceProvidersFeature.RequestServices
    {
        get
        {
            if (_providers is null)
            {
                _providers = new RequestServicesFeature(context, services.Scopes);
                BindToRequest(_providers.RequestServices);
            }

            return _providers.RequestServices;
        }

        set
        {
            _providers ??= new RequestServicesFeature(context, services.Scopes);
            _providers.RequestServices = value;
            if (value is not null)
            {
                BindToRequest(value);
            }
        }
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

    /// <summary>The request's session, made at the first call.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
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

    /// <summary>Takes the place of the framework's feature, which is made at its first use; where that has happened, its scope is told at once.</summary>
    public void ProvideServices()
    {
        if (context.Features.Get<IServiceProvidersFeature>() is { } present)
        {
            BindToRequest(present.RequestServices);
        }
        else
        {
            context.Features.Set<IServiceProvidersFeature>(this);
        }
    }

    public void Enter()
    {
        InPipeline = true;
        BodyAtEntry = context.Features.Get<IHttpResponseBodyFeature>();
    }

    /// <summary>The pipeline came back: commits what is left and takes the gate away for the middleware around this one.</summary>
    public ValueTask EndAsync()
    {
        Leave();
        return Session is { } session ? session.Response.EndAsync() : default;
    }

    /// <summary>The pipeline threw: true where the client has been answered and the exception has done its work.</summary>
    public ValueTask<bool> FailAsync(Exception exception)
    {
        Leave();

        // An authentication ticket is kept like a session, so its failure is answered in the same way, whether or not the request used its session.
        var session = Session ?? (SessionProblem.Of(exception) is null ? null : GetOrCreate());
        return session is null ? new(false) : session.Response.FailAsync(exception);
    }

    /// <summary>The response's headers are being written: from here on nothing can be handed out.</summary>
    public void Seal() => _sealed = true;

    /// <summary>Checks the start of a session by this request, under the lock under which the request's end closes it.</summary>
    /// <exception cref="SessionCrossSiteException">The options refuse it.</exception>
    public void CheckSessionStart(RequestTokens brought)
    {
        if (brought.HadValid || brought.Transport == TokenTransport.Header)
        {
            return;
        }

        lock (this)
        {
            ThrowIfOver();
            CrossSiteRequest.CheckStart(context.Request, services);
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
        if (!ReferenceEquals(features.Get<ServerSessionFeature>(), this))
        {
            throw Over();
        }
    }

    /// <summary>Throws where the response can no longer wait for a commit, or there is none.</summary>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    public void ThrowIfNotWritable()
    {
        if (HasNoResponse)
        {
            throw new InvalidOperationException(
                "This hub connection uses long polling, which has no response for the session's cookie, so the session can only be read: "
                + "to change it, await session.CreateBackgroundSessionAsync() and use the handle that it returns.");
        }

        if (_sealed || context.Response.HasStarted)
        {
            throw ResponseHasStarted();
        }
    }

    /// <summary>A wait may have outlasted the response's start, or the request: a token that is made now would reach nobody.</summary>
    /// <exception cref="InvalidOperationException">It has.</exception>
    public void ThrowIfNoTokenCanBeSent()
    {
        ThrowIfOver();
        if (_sealed)
        {
            throw ResponseHasStarted();
        }
    }

    private static ObjectDisposedException Over() => new(
        objectName: null,
        "The request that this session handle belongs to is over, so the handle cannot be used any more: for work that goes on after a request, "
        + "await session.CreateBackgroundSessionAsync() while the request runs, and use the handle that it returns.");

    private static InvalidOperationException ResponseHasStarted() =>
        new("The response has started, so the session cannot be changed any more. Change it before the first byte of the response, or through CreateBackgroundSessionAsync.");

    private void BindToRequest(IServiceProvider provider)
    {
        if (provider.GetService<CurrentRequest>() is { } request)
        {
            request.Feature = this;
        }
    }

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
