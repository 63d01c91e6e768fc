using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ServerSession.Core;

/// <summary>
/// Reads the section <c>ServerSession</c>, or a section below it. The framework's binder stops at the first value that it cannot read, and ignores
/// unknown keys; this reader collects every fault, so that all of them are reported together, in the same words by frontends, silos and hosts.
/// </summary>
/// <param name="configuration">The configuration that has the section.</param>
/// <param name="faults">Receives a sentence for each value that cannot be read, with its key and the fix.</param>
/// <param name="section">The path of the section.</param>
public sealed class SettingsReader(IConfiguration configuration, List<string> faults, string section = SettingsReader.Section)
{
    public const string Section = "ServerSession";

    private readonly IConfigurationSection _section = configuration.GetSection(section);

    public void Text(string key, Action<string> set)
    {
        if (Find(key) is { } text)
        {
            set(text);
        }
    }

    public void Time(string key, Action<TimeSpan> set)
    {
        if (Find(key) is not { } text)
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
        if (Find(key) is not { } text)
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

    public void Fraction(string key, Action<double> set)
    {
        if (Find(key) is not { } text)
        {
            return;
        }

        if (double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
        {
            set(value);
        }
        else
        {
            Fault(key, text, "a number, for example 0.25");
        }
    }

    public void Flag(string key, Action<bool> set)
    {
        if (Find(key) is not { } text)
        {
            return;
        }

        if (bool.TryParse(text, out var value))
        {
            set(value);
        }
        else
        {
            Fault(key, text, "true or false");
        }
    }

    public void Name<T>(string key, Action<T> set)
        where T : struct, Enum
    {
        if (Find(key) is not { } text)
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

    /// <summary>Reads <c>key:0</c>, <c>key:1</c> and so on.</summary>
    public void Items(string key, Action<string> add)
    {
        foreach (var item in _section.GetSection(key).GetChildren())
        {
            add(item.Value ?? "");
        }
    }

    /// <summary>Reads what a frontend and a silo have in common.</summary>
    public void Limits(SessionLimits limits, Action<SessionLimits> set)
    {
        Number("Limits:KeyBytes", value => limits = limits with { KeyBytes = value });
        Number("Limits:ValueBytes", value => limits = limits with { ValueBytes = value });
        Number("Limits:Keys", value => limits = limits with { Keys = value });
        Number("Limits:TotalBytes", value => limits = limits with { TotalBytes = value });
        set(limits);
    }

    /// <summary>Reports each key of the section <c>ServerSession</c> that is not in <see cref="KnownSettings"/>.</summary>
    public void RefuseOtherKeys()
    {
        foreach (var setting in configuration.GetSection(Section).AsEnumerable(makePathsRelative: true))
        {
            if (setting.Key.Length > 0 && setting.Value is not null && !KnownSettings.Has(setting.Key))
            {
                faults.Add(KnownSettings.Nearest(setting.Key) is { } near
                    ? $"{Section}:{setting.Key} is no setting; write {Section}:{near}, or remove it."
                    : $"{Section}:{setting.Key} is no setting; remove it. The settings of {Section} are {KnownSettings.List}.");
            }
        }
    }

    /// <summary>The value of a key; null where there is none, and where it is empty.</summary>
    private string? Find(string key) => _section[key] is { Length: > 0 } text ? text : null;

    private void Fault(string key, string text, string wanted) => faults.Add($"{section}:{key} is \"{text}\"; write {wanted}.");
}
