namespace ServerSession.LocalCluster.Servers;

/// <summary>A server could not be installed or started. The message names the server and the reason.</summary>
public sealed class ServerStartException : Exception
{
    public ServerStartException(string message) : base(message)
    {
    }

    public ServerStartException(string message, Exception inner) : base(message, inner)
    {
    }

    public ServerStartException()
    {
    }
}
