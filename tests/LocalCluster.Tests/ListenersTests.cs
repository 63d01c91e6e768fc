using System.Net;
using System.Net.Sockets;

namespace ServerSession.Tests;

/// <summary>A check that finds no open port has to be one that would find it.</summary>
public sealed class ListenersTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("::")]
    [InlineData("::1")]
    public void Listener_of_this_process_is_found_with_its_address(string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();

        Assert.Contains((IPEndPoint)listener.LocalEndpoint, Listeners.Of([Environment.ProcessId]));
    }
}
