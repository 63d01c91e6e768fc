using Microsoft.Extensions.Logging;

namespace ServerSession.Hosting;

public sealed partial class ClusterTls
{
    [LoggerMessage(6301, LogLevel.Information, "The changed TLS files of the cluster connections are in use; the certificate is valid until {NotAfter:u}.", EventName = "TlsFilesRenewed")]
    private static partial void LogRenewed(ILogger logger, DateTime? notAfter);

    [LoggerMessage(6302, LogLevel.Error, "The TLS files of the cluster connections changed and cannot be used; those read before stay in use. {Reason}", EventName = "TlsFilesNotRenewed")]
    private static partial void LogNotRenewed(ILogger logger, string reason);
}
