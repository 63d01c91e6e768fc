using System.Net;
using System.Net.Sockets;

namespace ServerSession.LocalCluster.Servers;

/// <summary>Loopback ports that nobody listened on a moment ago.</summary>
public static class FreePort
{
    /// <summary>Returns different free ports. Another process may take one before it is used: try again with others.</summary>
    public static int[] Take(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listeners.Add(listener);
                listener.Start();
            }

            return [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(static listener => listener.Dispose());
        }
    }
}
