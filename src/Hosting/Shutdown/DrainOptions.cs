using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.Hosting;

/// <summary>How a host leaves.</summary>
public sealed class DrainOptions
{

    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Gets or sets how long the host serves on after it was asked to shut down (SIGTERM) and says so at <c>/health/ready</c>, before it
    /// closes its listener: load balancers need this time to notice. 0 to 10 minutes; 0 in Development and 5 seconds elsewhere by default.
    /// Together with <c>shutdownTimeoutSeconds</c> it should stay below the time after which the orchestrator kills the process.
    /// </summary>
    public TimeSpan DrainDelay { get; set; }

    /// <summary>Gets what could not be read from the configuration.</summary>
    public List<string> ConfigurationFaults { get; } = [];
}

/// <summary>Reads the delay; <see cref="DrainOptionsValidator"/> reports a value that cannot be read.</summary>
public sealed class DrainOptionsSetup(IConfiguration configuration, IHostEnvironment environment) : IConfigureOptions<DrainOptions>
{
    private static readonly TimeSpan OutsideDevelopment = TimeSpan.FromSeconds(5);

    public void Configure(DrainOptions options)
    {
        options.DrainDelay = environment.IsDevelopment() ? TimeSpan.Zero : OutsideDevelopment;
        new SettingsReader(configuration, options.ConfigurationFaults).Time(nameof(options.DrainDelay), value => options.DrainDelay = value);
    }
}

/// <summary>Reports a delay that cannot be read or is out of its range.</summary>
public sealed class DrainOptionsValidator : IValidateOptions<DrainOptions>
{
    public ValidateOptionsResult Validate(string? name, DrainOptions options)
    {
        List<string> faults = [.. options.ConfigurationFaults];
        SettingChecks.Between(faults, nameof(options.DrainDelay), options.DrainDelay, TimeSpan.Zero, DrainOptions.LongestDelay);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
