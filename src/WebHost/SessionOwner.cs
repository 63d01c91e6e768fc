using Microsoft.Extensions.Options;
using ServerSession.Core;
using ServerSession.Hosting;

namespace ServerSession.WebHost;

/// <summary>Decides where the sessions of this frontend live: in a silo of the same process, or in a cluster of silos.</summary>
internal static class SessionOwner
{
    private enum Mode
    {
        /// <summary>A silo in this process.</summary>
        Embedded,

        /// <summary>A client of the cluster in <c>Orleans:Clustering</c>.</summary>
        Client,
    }

    public static void AddSessionOwner(this WebApplicationBuilder builder)
    {
        List<string> faults = [];
        var mode = Mode.Embedded;
        new SettingsReader(builder.Configuration, faults).Name<Mode>(nameof(Mode), value => mode = value);
        if (mode == Mode.Client)
        {
            builder.AddSessionClient();
            return;
        }

        // A wrong mode is reported together with everything else that is wrong, so the host is built as if it were the default.
        builder.AddSessionSilo();
        foreach (var fault in faults)
        {
            builder.Services.AddOptions<Choice>().Validate(static _ => false, fault).ValidateOnStart();
        }
    }

    private sealed class Choice;
}
