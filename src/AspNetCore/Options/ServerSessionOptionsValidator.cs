using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>Checks all options and reports all faults, each with its configuration key and its fix.</summary>
internal sealed class ServerSessionOptionsValidator(IEnumerable<IHostEnvironment> environments) : IValidateOptions<ServerSessionOptions>
{
    private const string Section = ServerSessionConfiguration.Section;

    public ValidateOptionsResult Validate(string? name, ServerSessionOptions options)
    {
        var faults = new List<string>(options.ConfigurationFaults);
        var least = SessionTerms.MinimumTime;
        var most = SessionTerms.MaximumTime;
        SettingChecks.Between(faults, nameof(options.IdleTimeout), options.IdleTimeout, least, most);
        SettingChecks.Between(faults, nameof(options.AbsoluteLifetime), options.AbsoluteLifetime, least, most);
        if (options.AbsoluteLifetime < options.IdleTimeout)
        {
            faults.Add($"{Section}:AbsoluteLifetime is {options.AbsoluteLifetime}, shorter than {Section}:IdleTimeout ({options.IdleTimeout}); lengthen the one or shorten the other.");
        }

        SettingChecks.Defined(faults, nameof(options.Durability), options.Durability);
        SettingChecks.Defined(faults, nameof(options.OnUnavailable), options.OnUnavailable);
        SettingChecks.Defined(faults, nameof(options.CrossSiteStart), options.CrossSiteStart);
        SettingChecks.Defined(faults, "Subjects:WhenFull", options.Subjects.WhenFull);
        if (options.Subjects.MaximumSessions is < 0 or > 10_000)
        {
            faults.Add($"{Section}:Subjects:MaximumSessions is {options.Subjects.MaximumSessions}; set it between 1 and 10,000, or to 0 for no limit.");
        }

        SettingChecks.Between(faults, nameof(options.WriteBehindInterval), options.WriteBehindInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        SettingChecks.Between(faults, nameof(options.RetryAfter), options.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        SettingChecks.Between(faults, nameof(options.RetryBudget), options.RetryBudget, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Repeats(faults, options);
        SettingChecks.Between(faults, nameof(options.SigningKeyRefreshInterval), options.SigningKeyRefreshInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        SettingChecks.Between(faults, "NearCache:Entries", options.NearCache.Entries, 0, 1_000_000);
        faults.AddRange(options.Limits.Validate().Select(static fault => $"{Section}:Limits:{fault}"));
        faults.AddRange(SessionCookieRules.Validate(options.Cookie, options.IdleTimeout, environments.LastOrDefault()).Select(static fault => $"{Section}:Cookie:{fault}"));
        if (options.Header is { } header && !HttpToken.IsValid(header))
        {
            faults.Add($"{Section}:Header is \"{header}\"; write a header name of letters, digits and hyphens, for example Session-Token.");
        }

        Keys(faults, options.SigningKeys);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>A repeat that arrives after the window is refused: the request waited for nothing, and does not learn whether it was applied.</summary>
    private static void Repeats(List<string> faults, ServerSessionOptions options)
    {
        var most = options.OperationWindow - CallBudget.CallTimeout;
        if (options.RetryBudget > most)
        {
            faults.Add(
                $"{Section}:RetryBudget is {options.RetryBudget}, but silos accept an operation only for {Section}:OperationWindow ({options.OperationWindow}), and a call may take {CallBudget.CallTimeout}; " +
                $"set {Section}:RetryBudget to at most {(most > TimeSpan.Zero ? most : TimeSpan.Zero)}, or raise {Section}:OperationWindow on the silos and here.");
        }
    }


    /// <summary>A fault names a key by its index only: it is a secret.</summary>
    private static void Keys(List<string> faults, IList<string> keys)
    {
        for (var index = 0; index < keys.Count; index++)
        {
            if (!ConfiguredSigningKeys.TryDecode(keys[index], out var secret))
            {
                faults.Add($"{Section}:SigningKeys:{index} is not base64 of 32 to 64 bytes; make a key with: openssl rand -base64 32");
            }
            else if (secret.Distinct().Count() < 8)
            {
                faults.Add($"{Section}:SigningKeys:{index} is not random; make a key with: openssl rand -base64 32");
            }
            else if (keys.Take(index).Contains(keys[index]))
            {
                faults.Add($"{Section}:SigningKeys:{index} repeats a key before it; remove one of them.");
            }
        }
    }
}
