using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServerSession.LocalCluster.Servers;

/// <summary>Asks a server on this machine one question, to learn whether it is ready.</summary>
public static class Loopback
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Sends a request and returns the beginning of the answer; null if nobody answers.</summary>
    public static async Task<string?> AskAsync(int port, string request, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(Limit);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, timeout.Token).ConfigureAwait(false);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), timeout.Token).ConfigureAwait(false);
            var answer = new byte[512];
            var read = await client.GetStream().ReadAsync(answer, timeout.Token).ConfigureAwait(false);
            return Encoding.ASCII.GetString(answer, 0, read);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
