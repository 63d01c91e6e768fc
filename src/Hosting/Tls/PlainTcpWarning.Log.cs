using System.Net;
using Microsoft.Extensions.Logging;

namespace ServerSession.Hosting;

public sealed partial class PlainTcpWarning
{
    [LoggerMessage(6303, LogLevel.Warning,
        "Silos and frontends reach this silo at {Endpoint} over plain TCP: who can read or reach that network can read and change sessions. Set {Section}:CertificateFile and {Section}:AuthorityFile on all of them, or keep the network to the cluster alone.",
        EventName = "PlainTcp")]
    private static partial void LogPlainTcp(ILogger logger, IPEndPoint endpoint, string section);
}
