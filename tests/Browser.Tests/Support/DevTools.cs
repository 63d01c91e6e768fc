using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace ServerSession.Tests;

/// <summary>
/// A Chromium of its own on the line of its developer tools. Playwright looks at pages in a way that makes Chromium prepare none
/// (PrerenderingDisabledByDevTools), so the tests of prerendering speak with it themselves.
/// </summary>
public sealed partial class DevTools : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(Person.Patience);

    private static readonly JsonSerializerOptions Wire = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly ConcurrentDictionary<int, (string? Session, TaskCompletionSource<JsonElement> Answer)> _calls = new();
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly TempFolder _profile = new();
    private Process? _process;
    private Task _reading = Task.CompletedTask;
    private int _last;

    /// <summary>What Chromium tells without being asked: the event, its parameters, the session it belongs to.</summary>
    public event Action<string, JsonElement, string?>? Told;

    public async ValueTask InitializeAsync()
    {
        _process = Process.Start(new ProcessStartInfo(
            Chromium.Path, [.. Chromium.Arguments, "--remote-debugging-port=0", $"--user-data-dir={_profile.Path}", "--window-size=1280,1000", "about:blank"])
        {
            RedirectStandardError = true,
        })!;
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.ErrorDataReceived += (_, line) =>
        {
            if (Listening().Match(line.Data ?? "") is { Success: true } match)
            {
                address.TrySetResult(new Uri(match.Groups[1].Value));
            }
        };
        _process.BeginErrorReadLine();
        await _socket.ConnectAsync(await address.Task.WaitAsync(Patience), CancellationToken.None);
        _reading = ReadAsync();
    }

    /// <summary>Calls a method of the protocol and returns its result.</summary>
    public async Task<JsonElement> SendAsync(string method, object? parameters = null, string? session = null)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = (session, answer);
        var message = JsonSerializer.SerializeToUtf8Bytes(
            new { id, method, @params = parameters ?? new { }, sessionId = session }, Wire);
        await _turn.WaitAsync();
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }

        return await answer.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().WaitAsync(Patience);
            await _reading.WaitAsync(Patience);
            _process.Dispose();
        }

        _socket.Dispose();
        _turn.Dispose();
        _profile.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Take(JsonDocument.Parse(message.ToArray()).RootElement);
                    message.SetLength(0);
                }
            }
        }
        catch (WebSocketException)
        {
            // The browser has ended; who still waits for an answer gives up after its patience.
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("method", out var method))
        {
            var (name, told) = (method.GetString()!, message.GetProperty("params"));
            if (name == "Target.detachedFromTarget")
            {
                Abandon(told.GetProperty("sessionId").GetString());
            }

            Told?.Invoke(name, told, message.TryGetProperty("sessionId", out var session) ? session.GetString() : null);
        }
        else if (_calls.TryRemove(message.GetProperty("id").GetInt32(), out var call))
        {
            if (message.TryGetProperty("error", out var error))
            {
                call.Answer.SetException(new InvalidOperationException(error.ToString()));
            }
            else
            {
                call.Answer.SetResult(message.GetProperty("result"));
            }
        }
    }

    /// <summary>Ends the calls to a page that is no more: Chromium does not answer them.</summary>
    private void Abandon(string? session)
    {
        foreach (var (id, call) in _calls)
        {
            if (call.Session == session && _calls.TryRemove(id, out _))
            {
                call.Answer.SetException(new InvalidOperationException("The page was left."));
            }
        }
    }

    [GeneratedRegex(@"DevTools listening on (ws:\S+)")]
    private static partial Regex Listening();
}
