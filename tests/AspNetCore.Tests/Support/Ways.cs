using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.FileProviders;

namespace ServerSession.Tests;

/// <summary>The ways an endpoint can answer, each after it has changed its session.</summary>
internal static class Ways
{
    public const string Text = "application text";

    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes(Text);

    private static readonly Dictionary<string, Func<HttpContext, Task>> All = new()
    {
        ["write"] = context => context.Response.WriteAsync(Text),
        ["stream"] = context => context.Response.Body.WriteAsync(Bytes).AsTask(),
        ["stream-array"] = context => context.Response.Body.WriteAsync(Bytes, 0, Bytes.Length),
        ["begin-write"] = context => Task.Factory.FromAsync(context.Response.Body.BeginWrite, context.Response.Body.EndWrite, Bytes, 0, Bytes.Length, null),
        ["sync"] = context =>
        {
            context.Features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO = true;
            context.Response.Body.Write(Bytes);
            context.Response.Body.Flush();
            return Task.CompletedTask;
        },
        ["flush-first"] = async context =>
        {
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync(Text);
        },
        ["start-first"] = async context =>
        {
            await context.Response.StartAsync();
            await context.Response.WriteAsync(Text);
        },
        ["pipe"] = async context => await context.Response.BodyWriter.WriteAsync(Bytes),
        ["pipe-parts"] = async context =>
        {
            for (var index = 0; index < Bytes.Length; index++)
            {
                context.Response.BodyWriter.Write(Bytes.AsSpan(index, 1));
                if (index % 5 == 0)
                {
                    await context.Response.BodyWriter.FlushAsync();
                }
            }

            await context.Response.BodyWriter.FlushAsync();
        },
        ["pipe-unflushed"] = context =>
        {
            context.Response.BodyWriter.Write(Bytes);
            return Task.CompletedTask;
        },
        ["pipe-complete"] = async context =>
        {
            context.Response.BodyWriter.Write(Bytes);
            await context.Response.BodyWriter.CompleteAsync();
        },
        ["pipe-complete-sync"] = context =>
        {
            context.Response.BodyWriter.Write(Bytes);
            context.Response.BodyWriter.Complete();
            return Task.CompletedTask;
        },
        ["pipe-then-stream"] = async context =>
        {
            context.Response.BodyWriter.Write(Bytes.AsSpan(0, 5));
            await context.Response.Body.WriteAsync(Bytes.AsMemory(5));
        },
        ["complete"] = async context =>
        {
            context.Response.BodyWriter.Write(Bytes);
            await context.Response.CompleteAsync();
        },
        ["file"] = async context =>
        {
            var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            await File.WriteAllTextAsync(path, Text);
            try
            {
                await context.Response.SendFileAsync(path);
            }
            finally
            {
                File.Delete(path);
            }
        },
        ["result"] = context => Results.Text(Text).ExecuteAsync(context),
        ["content-length"] = context =>
        {
            context.Response.ContentLength = Bytes.Length;
            return context.Response.WriteAsync(Text);
        },
    };

    public static TheoryData<Server, string> Bodies()
    {
        var data = new TheoryData<Server, string>();
        foreach (var server in Enum.GetValues<Server>())
        {
            foreach (var way in All.Keys)
            {
                data.Add(server, way);
            }
        }

        return data;
    }

    /// <summary>Maps each way as an endpoint that sets a key, and an application's header, and then answers.</summary>
    public static void Map(WebApplication app)
    {
        foreach (var (name, way) in All)
        {
            app.MapMethods($"/{name}", ["GET", "HEAD"], async (HttpContext context) =>
            {
                await context.GetServerSession().SetAsync("a", "one");
                context.Response.Headers["X-App"] = "application header";
                context.Response.Headers.SetCookie = "app=1";
                await way(context);
            });
        }

        app.MapGet("/set", async (HttpContext context) => await context.GetServerSession().SetAsync("a", "zero"));
        app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
    }
}
