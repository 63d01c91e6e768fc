using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace ServerSession.Benchmarks.Hostile;

/// <summary>Writes requests that were made before, and counts what comes back; it costs as little as it can.</summary>
internal sealed class MemoryClient(IDuplexPipe connection)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Sends one request and returns its response, which has to end with a body.</summary>
    public async Task<string> AskAsync(byte[] request, string body)
    {
        await connection.Output.WriteAsync(request);
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var read = await connection.Input.ReadAsync(patience.Token);
            var text = Encoding.Latin1.GetString(read.Buffer);
            if (text.EndsWith($"\r\n\r\n{body}", StringComparison.Ordinal))
            {
                connection.Input.AdvanceTo(read.Buffer.End);
                return text;
            }

            if (read.IsCompleted)
            {
                throw new InvalidOperationException($"The server answered: {text}");
            }

            connection.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Sends requests in one go and waits for as many bytes as their responses have.</summary>
    public async Task SendAsync(byte[] requests, long expected)
    {
        await connection.Output.WriteAsync(requests);
        while (expected > 0)
        {
            var read = await connection.Input.ReadAsync();
            expected -= read.Buffer.Length;
            connection.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                throw new InvalidOperationException("The server broke the connection off.");
            }
        }

        if (expected != 0)
        {
            throw new InvalidOperationException("The server's answers had another length than the first one.");
        }
    }
}
