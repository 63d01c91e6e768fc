using Microsoft.Extensions.Options;
using ServerSession.Hosting;

namespace ServerSession.WebHost;

/// <summary>Decides where the sessions of this frontend live: in a silo of its own process, or in a cluster of silos.</summary>
internal static class SessionOwner
{
    private const string ModeKey = "ServerSession:Mode";
    private const string Embedded = "Embedded";
    private const string Client = "Client";

    public static void AddSessionOwner(this WebApplicationBuilder builder)
    {
        var mode = builder.Configuration[ModeKey] is { Length: > 0 } configured ? configured : Embedded;
        if (mode.Equals(Client, StringComparison.OrdinalIgnoreCase))
        {
            builder.AddSessionClient();
            return;
        }

        // A wrong mode is reported together with everything else that is wrong, so the host is built as if it were the default.
        builder.AddSessionSilo();
        builder.Services.AddOptions<Choice>()
            .Validate(
                _ => mode.Equals(Embedded, StringComparison.OrdinalIgnoreCase),
                $"{ModeKey} is '{mode}': use {Embedded} (a silo in this process, the default) or {Client} (a client of the cluster in Orleans:Clustering).")
            .ValidateOnStart();
    }

    private sealed class Choice;
}
