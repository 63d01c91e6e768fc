using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ServerSession.Hosting;

/// <summary>
/// Refuses the sections of <c>Orleans</c> that only a silo can use. Orleans reads them while a client is being added, and throws an exception that speaks of a
/// missing package. This check therefore comes before that, and so before the other checks of the configuration.
/// </summary>
internal static class SiloSections
{
    private static readonly (string Section, string Subject)[] Kinds =
    [
        (OrleansKeys.GrainStorage, "storage belongs"),
        (OrleansKeys.GrainDirectory, "the grain directory belongs"),
        (OrleansKeys.Reminders, "reminders belong"),
    ];

    /// <summary>Throws where the configuration of a client has such a section.</summary>
    /// <exception cref="OptionsValidationException">Names each section and the fix.</exception>
    public static void ThrowIfAny(IConfiguration configuration)
    {
        string[] faults =
        [
            .. from kind in Kinds
               from section in Configured(configuration.GetSection(kind.Section))
               select $"{section} is set, but this process is a client of the cluster, and {kind.Subject} to the silos. Remove {section} from the configuration of this frontend, and set it on the silos alone.",
        ];
        if (faults.Length > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(SessionClientOptions), faults);
        }
    }

    /// <summary>The sections of the providers with a name; where there is none, the section itself if it exists.</summary>
    private static string[] Configured(IConfigurationSection section)
    {
        string[] named = [.. section.GetChildren().Where(static child => child.Value is null).Select(static child => child.Path)];
        return named.Length > 0 || !section.Exists() ? named : [section.Path];
    }
}
