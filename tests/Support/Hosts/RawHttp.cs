using System.Net.Sockets;
using System.Text;

namespace ServerSession.Tests;

/// <summary>Sends what no HTTP client would.</summary>
public static class RawHttp
{
    /// <summary>Sends bytes, one for each character, and returns all that comes back until the server closes.</summary>
    public static async Task<string> SendAsync(int port, string request)
    {
        using var client = new TcpClient("127.0.0.1", port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync().WaitAsync(Eventually.Patience);
    }
}
