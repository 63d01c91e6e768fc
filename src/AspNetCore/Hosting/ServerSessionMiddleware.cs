using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession;

/// <summary>
/// Gives the request its session and waits for the pipeline to come back. An untouched request costs the feature and nothing more: no call,
/// no look at its cookies, no change of its response.
/// </summary>
internal sealed class ServerSessionMiddleware(RequestDelegate next, SessionServices services, SessionAdapterMark? adapter = null)
{
    private readonly bool _adapts = adapter is not null;

    public async Task InvokeAsync(HttpContext context)
    {
        var feature = context.Features.Find<ServerSessionFeature>();
        if (feature is null || feature.IsOver)
        {
            feature = new ServerSessionFeature(context, services);
            context.Features.Put(feature);
            feature.ProvideServices();
            if (_adapts)
            {
                context.Features.Put<ISessionFeature>(feature);
            }
        }
        else if (feature.InPipeline)
        {
            // UseServerSession stands twice in the pipeline; the outer one does the work.
            await next(context);
            return;
        }

        feature.Enter();
        try
        {
            if (LoadTime(context) == SessionLoadTime.BeforeEndpoint)
            {
                await PrepareAsync(context, feature);
            }

            await next(context);
        }
        catch (Exception exception)
        {
            if (!await feature.FailAsync(exception))
            {
                throw;
            }

            return;
        }

        await feature.EndAsync();
    }

    private SessionLoadTime LoadTime(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<SessionLoadAttribute>()?.When
            ?? (_adapts ? SessionLoadTime.BeforeEndpoint : SessionLoadTime.OnUse);

    private ValueTask PrepareAsync(HttpContext context, ServerSessionFeature feature)
    {
        var session = feature.GetOrCreate();
        if (_adapts)
        {
            // TempData gives the response its callback before it touches the session, and writes to the session in it: the gate must be there first.
            session.StandBeforeResponse();
        }

        return session.IsLoaded ? default : session.PreloadAsync(context.RequestAborted);
    }
}

/// <summary>Registered where <c>HttpContext.Session</c> is provided.</summary>
internal sealed class SessionAdapterMark;
