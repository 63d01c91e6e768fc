namespace ServerSession.LocalCluster;

/// <summary>What was asked cannot be done; the message says why, and what to do.</summary>
public sealed class LocalClusterException : Exception
{
    public LocalClusterException(string message)
        : base(message)
    {
    }

    public LocalClusterException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
