using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession.AspNetCore;

/// <summary>
/// Gives the request its session and waits for the pipeline to come back. An untouched request costs the feature and nothing more: no call,
/// no look at its cookies, no change of its response.
/// </summary>
internal sealed class ServerSessionMiddleware(RequestDelegate next, SessionServices services, SessionAdapterMarker? adapter = null)
{
    private readonly bool _adapts = adapter is not null;
    private readonly EndpointUses _uses = new();

    public async Task InvokeAsync(HttpContext context)
    {
        var feature = context.Features.Get<ServerSessionFeature>();
        if (feature is null || feature.IsOver)
        {
            feature = new ServerSessionFeature(context, services);
            context.Features.Set(feature);
            feature.ProvideServices();
            if (_adapts)
            {
                context.Features.Set<ISessionFeature>(feature);
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
            var asked = context.GetEndpoint()?.Metadata.GetMetadata<SessionLoadAttribute>()?.When;
            if (asked == SessionLoadTime.BeforeEndpoint || (_adapts && asked is null))
            {
                await PrepareAsync(context, feature, waits: asked is not null);
            }

            await next(context);
            if (_adapts && context.Response.StatusCode < StatusCodes.Status400BadRequest)
            {
                NoteUse(feature);
            }
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

    private Task PrepareAsync(HttpContext context, ServerSessionFeature feature, bool waits)
    {
        var session = feature.GetOrCreate();
        if (_adapts)
        {
            // TempData gives the response its callback before it touches the session, and writes to the session in it: the gate must be there first.
            session.Response.InstallGate();
        }

        session.ThrowIfOver();
        if (session.Work.IsLoaded)
        {
            return Task.CompletedTask;
        }

        var preload = session.Work.Preload ??= new SessionPreload(session.Work, services);
        return preload.RunAsync(_uses.Of(context.GetEndpoint()), waits, context.RequestAborted);
    }

    private static void NoteUse(ServerSessionFeature feature)
    {
        if (feature.Session is { Work.Preload: { } preload } session)
        {
            preload.NoteUse(session.Response.IsUsed);
        }
    }
}

/// <summary>Registered where <c>HttpContext.Session</c> is provided.</summary>
internal sealed class SessionAdapterMarker;
