using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ServerSession.Tests;

/// <summary>
/// A PUT that is being handled for as long as the test wants: its endpoint reads the body, of which the test sends one piece after the other. A server ends a
/// request whose body comes too slowly, so the pieces have to go on.
/// </summary>
public sealed class HeldRequest : IAsyncDisposable
{
    /// <summary>Over what Kestrel demands (240), and so little that a minute of it stays below the limit of a value.</summary>
    private const int BytesPerSecond = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan BetweenPieces = TimeSpan.FromMilliseconds(20);

    private readonly TcpClient _client;
    private readonly StringBuilder _sent = new();

    private HeldRequest(TcpClient client) => _client = client;

    /// <summary>Gets the body that was sent.</summary>
    public string Sent => _sent.ToString();

    /// <summary>Sends the headers and returns when the endpoint has begun to read: only then does the server say "100 Continue".</summary>
    public static async Task<HeldRequest> StartAsync(int port, string path, CancellationToken cancellationToken)
    {
        var held = new HeldRequest(new TcpClient("127.0.0.1", port));
        await held.WriteAsync(string.Create(
            CultureInfo.InvariantCulture, $"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"), cancellationToken);
        const string Continue = "HTTP/1.1 100 Continue\r\n\r\n";
        var interim = new byte[Continue.Length];
        await held._client.GetStream().ReadExactlyAsync(interim, cancellationToken).AsTask().WaitAsync(Patience, cancellationToken);
        Assert.Equal(Continue, Encoding.ASCII.GetString(interim));
        return held;
    }

    /// <summary>Goes on sending pieces until something has happened.</summary>
    public async Task SendUntilAsync(Func<Task<bool>> hasHappened)
    {
        using var patience = new CancellationTokenSource(Patience);
        var began = TimeProvider.System.GetTimestamp();
        do
        {
            var due = 1 + (int)(TimeProvider.System.GetElapsedTime(began).TotalSeconds * BytesPerSecond) - _sent.Length;
            await WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{due:x}\r\n{new string('a', due)}\r\n"), patience.Token);
            _sent.Append('a', due);
            await Task.Delay(BetweenPieces, patience.Token);
        }
        while (!await hasHappened());
    }

    /// <summary>Ends the body and returns the answer.</summary>
    public async Task<string> FinishAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await WriteAsync("0\r\n\r\n", patience.Token);
        using var reader = new StreamReader(_client.GetStream(), Encoding.UTF8);
        return await reader.ReadToEndAsync(patience.Token);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask WriteAsync(string text, CancellationToken cancellationToken) => _client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken);
}
