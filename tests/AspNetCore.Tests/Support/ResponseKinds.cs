using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>Every kind of response that the rules of the first byte are tried on.</summary>
internal static class ResponseKinds
{
    private static readonly Server[] Kestrel = [Server.Http1, Server.Http2];

    public static IReadOnlyDictionary<string, ResponseKind> All { get; } =
        Bodies().Concat(Empties()).Concat(Wrapped()).Concat(Failing()).Concat(Switching()).Concat(Framework()).ToDictionary(static kind => kind.Name);

    public static TheoryData<Server, string> Cases(Func<Server, ResponseKind, bool>? where = null) => new(
        from kind in All.Values from server in kind.Servers where @where?.Invoke(server, kind) ?? true select (server, kind.Name));

    private static IEnumerable<ResponseKind> Bodies()
    {
        foreach (var (name, write) in ResponseBodies.All)
        {
            yield return new() { Name = $"plain/{name}", Respond = write };
        }

        foreach (var name in new[] { "write", "flush-first", "start-first", "pipe-unflushed", "file" })
        {
            yield return new() { Name = $"plain/head-{name}", Method = HttpMethod.Head, HasText = false, Respond = ResponseBodies.All[name] };
        }

        // The problem that replaces a response once kept its trailers.
        yield return new()
        {
            Name = "plain/trailers",
            Servers = [Server.Memory, Server.Http2],
            Respond = async context =>
            {
                context.Response.DeclareTrailer("X-App-Trailer");
                context.Response.AppendTrailer("X-App-Trailer", "application trailer");
                await context.Response.WriteAsync(ResponseBodies.Text);
            },
        };
    }

    private static IEnumerable<ResponseKind> Empties()
    {
        foreach (var status in new[] { 200, 204, 302, 304, 404 })
        {
            Task Answer(HttpContext context)
            {
                context.Response.StatusCode = status;
                context.Response.Headers.ETag = "\"application\"";
                return Task.CompletedTask;
            }

            yield return new() { Name = $"plain/empty-{status}", Status = status, HasText = false, Respond = Answer };
            yield return new()
            {
                Name = $"plain/empty-{status}-complete",
                Status = status,
                HasText = false,
                Respond = async context =>
                {
                    await Answer(context);
                    await context.Response.CompleteAsync();
                },
            };
        }
    }

    /// <summary>
    /// Bodies that others wrap: compression and buffering, before and after the middleware of the sessions. Compression inside it once sent
    /// what it held of a refused response after the problem.
    /// </summary>
    private static IEnumerable<ResponseKind> Wrapped()
    {
        foreach (var pipeline in new[] { "compressed-outside", "compressed-inside", "buffered-outside", "buffered-inside" })
        {
            foreach (var name in new[] { "write", "flush-first", "start-first", "pipe", "pipe-unflushed", "pipe-then-stream", "file", "complete", "events" })
            {
                yield return new() { Name = $"{pipeline}/{name}", GoesRound = (pipeline, name) is ("compressed-inside", "pipe-unflushed"), Respond = ResponseBodies.All[name] };
            }

            yield return new()
            {
                Name = $"{pipeline}/empty-204",
                Status = StatusCodes.Status204NoContent,
                HasText = false,
                Respond = static context =>
                {
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    return Task.CompletedTask;
                },
            };
            yield return new()
            {
                Name = $"{pipeline}/long",
                Respond = static async context =>
                {
                    await context.Response.WriteAsync(ResponseBodies.Text);
                    await context.Response.WriteAsync(new string('x', 100_000));
                },
            };
        }
    }

    /// <summary>Exceptions, and pipelines that run again because of them or of a status.</summary>
    private static IEnumerable<ResponseKind> Failing()
    {
        yield return new()
        {
            Name = "plain/flush-then-throw",
            BreaksOff = true,
            Respond = static async context =>
            {
                await context.Response.WriteAsync(ResponseBodies.Text);
                await context.Response.Body.FlushAsync();
                throw new InvalidDataException("application");
            },
        };
        foreach (var pipeline in new[] { "pages-outside", "pages-inside" })
        {
            yield return new() { Name = $"{pipeline}/throw", Status = 500, Respond = static _ => throw new InvalidDataException("application") };
            yield return new()
            {
                Name = $"{pipeline}/status",
                Status = 404,
                Commits = pipeline == "pages-outside" ? 2 : 1,
                Respond = static context =>
                {
                    context.Response.StatusCode = 404;
                    return Task.CompletedTask;
                },
            };
        }
    }

    /// <summary>Connections that become something else.</summary>
    private static IEnumerable<ResponseKind> Switching()
    {
        yield return new()
        {
            Name = "plain/upgrade",
            Servers = [Server.Http1],
            Exchange = Exchange.Upgrade,
            Status = StatusCodes.Status101SwitchingProtocols,
            Respond = static async context =>
            {
                context.Response.Headers.Upgrade = "echo";
                context.Response.Headers.Connection = "Upgrade";
                var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
                await stream.WriteAsync(Encoding.UTF8.GetBytes(ResponseBodies.Text));
            },
        };
        yield return Socket("plain", [Server.Memory]);
        yield return Socket("sockets-outside", Kestrel);
        yield return Socket("sockets-inside", Kestrel);

        static ResponseKind Socket(string pipeline, Server[] servers) => new()
        {
            Name = $"{pipeline}/socket",
            Servers = servers,
            Exchange = Exchange.WebSocket,
            Status = StatusCodes.Status101SwitchingProtocols,
            Respond = static async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.SendAsync(Encoding.UTF8.GetBytes(ResponseBodies.Text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            },
        };
    }

    /// <summary>Parts of the framework that write to the response, or to the session, on their own.</summary>
    private static IEnumerable<ResponseKind> Framework()
    {
        yield return new()
        {
            Name = "plain/antiforgery",
            Respond = static async context =>
            {
                context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
                await context.Response.WriteAsync(ResponseBodies.Text);
            },
        };
        yield return new() { Name = "adapter/string", UsesAdapter = true, Respond = ResponseBodies.All["write"] };
        yield return new() { Name = "adapter/string-empty", UsesAdapter = true, HasText = false, Respond = static _ => Task.CompletedTask };

        // These two are actions of the controller: TempData is saved to the session by a filter, when the response starts.
        yield return new() { Name = "adapter/tempdata-text", UsesAdapter = true, Respond = static _ => Task.CompletedTask };
        yield return new() { Name = "adapter/tempdata-redirect", UsesAdapter = true, Status = 302, HasText = false, Respond = static _ => Task.CompletedTask };
    }
}
