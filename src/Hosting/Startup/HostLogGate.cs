using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerSession.Hosting;

/// <summary>
/// Keeps stack traces out of the log that tell nothing an operator can act on. Until the host has started, those of a failing start:
/// <see cref="HostRunner"/> says what happened in one line. From the moment it stops, those of calls that a leaving silo cannot send or finish any
/// more: their callers know. Where it stops before it has started, whatever Orleans tells of the parts that never came up. Levels and filters that
/// the configuration sets hold for all other entries.
/// </summary>
public sealed class HostLogGate
{
    private static readonly string[] StartCategories =
    [
        "Microsoft.Extensions.Hosting.Internal.Host", "Orleans.Runtime.SiloLifecycleSubject", "Orleans.Runtime.Silo",
        "Orleans.Runtime.MembershipService.MembershipTableManager",
    ];

    private static readonly string[] StopCategories =
    [
        "Orleans.Grain.InvokeException", "Orleans.Messaging", "Orleans.Runtime.Messaging.MessageCenter", "Polly",
    ];

    private volatile IHostApplicationLifetime? _lifetime;

    // Read each time, because what waits for a stop may go on before a callback that was registered for it.
    private bool HasStarted => _lifetime is { ApplicationStarted.IsCancellationRequested: true };

    private bool IsStopping => _lifetime is { ApplicationStopping.IsCancellationRequested: true };

    public static void Install(WebApplicationBuilder builder)
    {
        var gate = new HostLogGate();
        builder.Services.AddSingleton(gate);
        builder.Services.PostConfigure<LoggerFilterOptions>(options =>
        {
            Limit(options, StartCategories, level => gate.HasStarted || level < LogLevel.Error);
            Limit(options, StopCategories, level => !gate.IsStopping || level > LogLevel.Error);
            Limit(
                options,
                [.. options.Rules.Select(static rule => rule.CategoryName).OfType<string>().Where(IsOfOrleans).Distinct()],
                level => gate.HasStarted || !gate.IsStopping || level > LogLevel.Error);
        });
    }

    public void Follow(IHostApplicationLifetime lifetime) => _lifetime = lifetime;

    // Polly repeats what Orleans tries, and logs it.
    private static bool IsOfOrleans(string category) => category is "Polly" or "Orleans" || category.StartsWith("Orleans.", StringComparison.Ordinal);

    private static void Limit(LoggerFilterOptions options, string[] categories, Func<LogLevel, bool> passes)
    {
        foreach (var category in categories)
        {
            // The rule that the category had so far: the one for the longest beginning of its name, and the last of several.
            var rule = options.Rules
                .Where(rule => rule.ProviderName is null && (rule.CategoryName is null || category.StartsWith(rule.CategoryName, StringComparison.OrdinalIgnoreCase)))
                .OrderBy(static rule => rule.CategoryName?.Length ?? 0)
                .LastOrDefault();
            options.Rules.Add(new LoggerFilterRule(
                null, category, rule is null ? options.MinLevel : rule.LogLevel, (provider, name, level) => (rule?.Filter?.Invoke(provider, name, level) ?? true) && passes(level)));
        }
    }
}
