using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ServerSession;

/// <summary>
/// Reads the options from the section <c>ServerSession</c>. The framework's binder stops at the first value it cannot read; here each is
/// noted and the validator reports all of them together.
/// </summary>
internal sealed class ServerSessionConfiguration(IEnumerable<IConfiguration> configurations) : IConfigureOptions<ServerSessionOptions>
{
    public const string Section = "ServerSession";

    public void Configure(ServerSessionOptions options)
    {
        if (configurations.LastOrDefault() is not { } configuration)
        {
            return;
        }

        var reader = new Reader(configuration.GetSection(Section), options.ConfigurationFaults);
        reader.Time(nameof(options.IdleTimeout), value => options.IdleTimeout = value);
        reader.Time(nameof(options.AbsoluteLifetime), value => options.AbsoluteLifetime = value);
        reader.Name<SessionDurability>(nameof(options.Durability), value => options.Durability = value);
        reader.Time(nameof(options.WriteBehindInterval), value => options.WriteBehindInterval = value);
        reader.Name<UnavailablePolicy>(nameof(options.OnUnavailable), value => options.OnUnavailable = value);
        reader.Time(nameof(options.RetryAfter), value => options.RetryAfter = value);
        reader.Time(nameof(options.RetryBudget), value => options.RetryBudget = value);
        reader.Time(nameof(options.OperationWindow), value => options.OperationWindow = value);
        reader.Time(nameof(options.ShieldKeyRefreshInterval), value => options.ShieldKeyRefreshInterval = value);
        reader.Text(nameof(options.Header), value => options.Header = value);
        reader.Number("Limits:KeyBytes", value => options.Limits = options.Limits with { KeyBytes = value });
        reader.Number("Limits:ValueBytes", value => options.Limits = options.Limits with { ValueBytes = value });
        reader.Number("Limits:Keys", value => options.Limits = options.Limits with { Keys = value });
        reader.Number("Limits:TotalBytes", value => options.Limits = options.Limits with { TotalBytes = value });
        reader.Text("Cookie:Name", value => options.Cookie.Name = value);
        reader.Text("Cookie:Path", value => options.Cookie.Path = value);
        reader.Text("Cookie:Domain", value => options.Cookie.Domain = value);
        reader.Name<SameSiteMode>("Cookie:SameSite", value => options.Cookie.SameSite = value);
        reader.Name<CookieSecurePolicy>("Cookie:SecurePolicy", value => options.Cookie.SecurePolicy = value);
        reader.Time("Cookie:MaxAge", value => options.Cookie.MaxAge = value);
        foreach (var key in configuration.GetSection($"{Section}:{nameof(options.ShieldKeys)}").GetChildren())
        {
            options.ShieldKeys.Add(key.Value ?? "");
        }
    }

    private readonly struct Reader(IConfigurationSection section, List<string> faults)
    {
        public void Text(string key, Action<string> set)
        {
            if (section[key] is { Length: > 0 } text)
            {
                set(text);
            }
        }

        public void Time(string key, Action<TimeSpan> set)
        {
            if (section[key] is not { Length: > 0 } text)
            {
                return;
            }

            // A bare number is a day count to TimeSpan.Parse: "20" would be twenty days, which nobody means.
            if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value))
            {
                set(value);
            }
            else
            {
                Fault(key, text, "a time as [days.]hh:mm:ss, for example 00:20:00 for twenty minutes");
            }
        }

        public void Number(string key, Action<int> set)
        {
            if (section[key] is not { Length: > 0 } text)
            {
                return;
            }

            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                set(value);
            }
            else
            {
                Fault(key, text, "a whole number, for example 256");
            }
        }

        public void Name<T>(string key, Action<T> set)
            where T : struct, Enum
        {
            if (section[key] is not { Length: > 0 } text)
            {
                return;
            }

            if (char.IsAsciiLetter(text[0]) && Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value))
            {
                set(value);
            }
            else
            {
                Fault(key, text, $"one of {string.Join(", ", Enum.GetNames<T>())}");
            }
        }

        private void Fault(string key, string text, string wanted) => faults.Add($"{Section}:{key} is \"{text}\"; write {wanted}.");
    }
}
