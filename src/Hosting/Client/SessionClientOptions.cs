using Microsoft.Extensions.Options;

namespace ServerSession.Hosting;

/// <summary>What is checked before a client of the cluster starts.</summary>
public sealed class SessionClientOptions
{
    public string? ClusteringProvider { get; set; }

    public bool IsDevelopment { get; set; }
}

/// <summary>Outside Development nobody means "whatever runs on this machine".</summary>
public sealed class SessionClientOptionsValidator : IValidateOptions<SessionClientOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionClientOptions options) =>
        string.IsNullOrWhiteSpace(options.ClusteringProvider) && !options.IsDevelopment
            ? ValidateOptionsResult.Fail(
                $"{OrleansKeys.ClusteringProvider} is not set: a client of a cluster needs to know how to find its silos. "
                + "Set it to the provider your silos use, for example Static with Orleans:Clustering:Gateways:0=10.0.0.1:30000.")
            : ValidateOptionsResult.Success;
}
