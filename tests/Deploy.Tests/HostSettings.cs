using Microsoft.Extensions.Options;
using ServerSession.Hosting;

namespace ServerSession.Tests;

/// <summary>Checks the environment variables of a container with the host that runs in it.</summary>
internal static class HostSettings
{
    /// <summary>
    /// Names that no host checks, because Orleans, its providers and the framework read what they know and pass over the rest. Names under
    /// <c>ServerSession</c> are checked by the hosts.
    /// </summary>
    private static readonly string[] Unchecked =
    [
        "Orleans:ClusterId", "Orleans:ServiceId", "Orleans:Clustering:ProviderType", "Orleans:Clustering:ConnectionString",
        "Orleans:GrainStorage:sessions:ProviderType", "Orleans:GrainStorage:sessions:ConnectionString",
        "ASPNETCORE_URLS", "DOTNET_EnableDiagnostics", "POD_NAME", "POD_NAMESPACE", "POD_IP",
    ];

    /// <summary>What is wrong with them: unknown names, and values with which the host would not start.</summary>
    /// <param name="host"><c>Silo</c> or <c>WebHost</c>.</param>
    /// <param name="variables">The variables of the container, those of its image included.</param>
    public static IReadOnlyList<string> Faults(string host, IReadOnlyDictionary<string, string> variables)
    {
        List<string> faults = [.. UnknownNames(variables.Keys)];
        try
        {
            using var built = BuiltHost.Build(host, variables);
            StartupValidation.Validate(built.Services);
        }
        catch (OptionsValidationException exception)
        {
            faults.AddRange(exception.Failures);
        }
        catch (BuildFailedException exception)
        {
            faults.Add(exception.Message);
        }

        return faults;
    }

    private static IEnumerable<string> UnknownNames(IEnumerable<string> variables) => variables
        .Select(BuiltHost.Key)
        .Where(static key => !key.StartsWith("ServerSession:", StringComparison.Ordinal) && !Unchecked.Contains(key))
        .Select(static key => $"{key} is no setting of the hosts.");
}
