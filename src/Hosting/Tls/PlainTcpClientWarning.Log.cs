using Microsoft.Extensions.Logging;

namespace ServerSession.Hosting;

public sealed partial class PlainTcpClientWarning
{
    [LoggerMessage(6304, LogLevel.Warning,
        "This frontend reaches the gateway {Gateway} over plain TCP: who can read or reach that network can read and change sessions. Set {Section}:CertificateFile and {Section}:AuthorityFile on all silos and frontends, or keep the network to the cluster alone.",
        EventName = "PlainTcpClient")]
    private static partial void LogPlainTcp(ILogger logger, string gateway, string section);

    [LoggerMessage(6305, LogLevel.Debug, "The list of gateways could not be read, so it is unknown whether they are reached over a network without TLS.", EventName = "GatewaysNotRead")]
    private static partial void LogNotRead(ILogger logger, Exception exception);
}
