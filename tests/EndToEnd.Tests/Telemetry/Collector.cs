using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerSession.Tests;

/// <summary>Receives what a host sends over OTLP with HTTP, and waits for names in it.</summary>
public sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<string> _received = [];
    private readonly SemaphoreSlim _arrived = new(0);

    private Collector(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            lock (_received)
            {
                // The names in the messages are UTF-8 as they are.
                _received.Add($"{signal} {Encoding.Latin1.GetString(body.ToArray())}");
            }

            _arrived.Release();
        });
    }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new Collector(builder.Build());
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>Waits until a message of the signal (<c>metrics</c>, <c>traces</c>) has all the texts.</summary>
    public async Task WaitForAsync(string signal, params string[] texts)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        while (true)
        {
            string[] received;
            lock (_received)
            {
                received = [.. _received.Where(message => message.StartsWith(signal, StringComparison.Ordinal))];
            }

            var missing = texts.Where(text => !received.Any(message => message.Contains(text, StringComparison.Ordinal))).ToArray();
            if (missing.Length == 0)
            {
                return;
            }

            try
            {
                await _arrived.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{received.Length} messages with {signal} came, none of them with {string.Join(", ", missing)}.");
            }
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
