using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession.Tests;

/// <summary>The ways an endpoint can write one and the same text.</summary>
internal static class ResponseBodies
{
    public const string Text = "application text";

    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes(Text);

    public static IReadOnlyDictionary<string, Func<HttpContext, Task>> All { get; } = new Dictionary<string, Func<HttpContext, Task>>
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
        ["json-stream"] = context => Results.Json(TextsAsync()).ExecuteAsync(context),
        ["events"] = context => TypedResults.ServerSentEvents(TextsAsync()).ExecuteAsync(context),
        ["unbuffered"] = async context =>
        {
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            await context.Response.WriteAsync(Text);
        },
        ["body-replaced"] = async context =>
        {
            var body = context.Response.Body;
            using var buffer = new MemoryStream();
            context.Response.Body = buffer;
            await context.Response.WriteAsync(Text);
            context.Response.Body = body;
            await body.WriteAsync(buffer.ToArray());
        },
        ["content-length"] = context =>
        {
            context.Response.ContentLength = Bytes.Length;
            return context.Response.WriteAsync(Text);
        },
    };

    private static async IAsyncEnumerable<string> TextsAsync()
    {
        yield return Text;
        await Task.Yield();
        yield return Text;
    }
}
