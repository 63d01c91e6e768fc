using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServerSession.Hosting;

/// <summary>How a host leaves.</summary>
internal sealed class DrainOptions
{
    public const string Key = "ServerSession:DrainDelay";

    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Gets or sets how long the host serves on after it was asked to shut down (SIGTERM) and says so at <c>/health/ready</c>, before it
    /// closes its listener: load balancers need this time to notice. 0 to 10 minutes; 0 in Development and 5 seconds elsewhere by default.
    /// Together with <c>shutdownTimeoutSeconds</c> it should stay below the time after which the orchestrator kills the process.
    /// </summary>
    public TimeSpan DrainDelay { get; set; }

    public static bool TryParse(string text, out TimeSpan delay) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out delay) && delay >= TimeSpan.Zero && delay <= LongestDelay;
}

/// <summary>Reads the delay; what cannot be read is left to <see cref="DrainOptionsValidator"/>.</summary>
internal sealed class DrainOptionsSetup(IConfiguration configuration, IHostEnvironment environment) : IConfigureOptions<DrainOptions>
{
    private static readonly TimeSpan OutsideDevelopment = TimeSpan.FromSeconds(5);

    public void Configure(DrainOptions options) =>
        options.DrainDelay = configuration[DrainOptions.Key] is { Length: > 0 } text && DrainOptions.TryParse(text, out var delay) ? delay
            : environment.IsDevelopment() ? TimeSpan.Zero
            : OutsideDevelopment;
}

/// <summary>Reports a delay that is none, or out of its range.</summary>
internal sealed class DrainOptionsValidator(IConfiguration configuration) : IValidateOptions<DrainOptions>
{
    public ValidateOptionsResult Validate(string? name, DrainOptions options) =>
        configuration[DrainOptions.Key] is { Length: > 0 } text && !DrainOptions.TryParse(text, out _)
            ? ValidateOptionsResult.Fail($"{DrainOptions.Key} is '{text}': give a time from 00:00:00 to {DrainOptions.LongestDelay}, for example 00:00:05.")
            : ValidateOptionsResult.Success;
}
