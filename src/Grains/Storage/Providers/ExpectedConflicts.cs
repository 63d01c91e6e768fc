using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServerSession.Grains;

/// <summary>
/// Keeps the conflicts that <see cref="StorageProbe"/> provokes out of the log: Orleans' providers for Azure write an error for each, at every good
/// start. The filters that are configured for these providers go on to apply to everything else.
/// </summary>
internal sealed class ExpectedConflicts : IPostConfigureOptions<LoggerFilterOptions>
{
    private static readonly string[] Categories = ["Orleans.Storage.AzureTableGrainStorage", StateNames.AzureBlob];
    private static readonly AsyncLocal<bool> Expected = new();

    /// <summary>Runs a call that is expected to conflict.</summary>
    public static async Task RunAsync(Func<Task> call)
    {
        // The value belongs to this method's flow of control; its caller does not see it.
        Expected.Value = true;
        await call();
    }

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        var sinks = options.Rules.Select(static rule => rule.ProviderName).Append(null).Distinct().ToArray();
        foreach (var category in Categories)
        {
            var rules = sinks.Select(sink => Quieted(options, sink, category)).ToArray();
            foreach (var rule in rules)
            {
                options.Rules.Add(rule);
            }
        }
    }

    private static LoggerFilterRule Quieted(LoggerFilterOptions options, string? sink, string category)
    {
        var rule = Select(options.Rules, sink, category);
        var filter = rule?.Filter;
        return new(sink, category, rule is null ? options.MinLevel : rule.LogLevel, (provider, source, level) => !Expected.Value && (filter?.Invoke(provider, source, level) ?? true));
    }

    /// <summary>The rule that applies to a sink and a category: the one for the sink, then the one with the longest category, then the last.</summary>
    private static LoggerFilterRule? Select(IEnumerable<LoggerFilterRule> rules, string? sink, string category)
    {
        LoggerFilterRule? best = null;
        foreach (var rule in rules)
        {
            var applies = (rule.ProviderName is null || rule.ProviderName == sink)
                && (rule.CategoryName is null || category.StartsWith(rule.CategoryName, StringComparison.OrdinalIgnoreCase));
            if (applies && (best is null || Rank(rule).CompareTo(Rank(best)) >= 0))
            {
                best = rule;
            }
        }

        return best;

        static (bool, int) Rank(LoggerFilterRule rule) => (rule.ProviderName is not null, rule.CategoryName?.Length ?? -1);
    }
}
