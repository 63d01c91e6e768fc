namespace ServerSession.Core;

/// <summary>The checks of values that frontends, silos and hosts have in common: one wording, with the key and the fix.</summary>
public static class SettingChecks
{
    /// <summary>Reports a time outside its range, both ends included.</summary>
    public static void Between(List<string> faults, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
        {
            faults.Add($"{SettingsReader.Section}:{key} is {value}; set it between {least} and {most}.");
        }
    }

    /// <summary>Reports a number outside its range, both ends included.</summary>
    public static void Between(List<string> faults, string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            faults.Add(FormattableString.Invariant($"{SettingsReader.Section}:{key} is {value}; set it between {least:N0} and {most:N0}."));
        }
    }

    /// <summary>Reports a number outside its range, both ends included, and one that is not a number.</summary>
    public static void Between(List<string> faults, string key, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            faults.Add(FormattableString.Invariant($"{SettingsReader.Section}:{key} is {value}; set it between {least} and {most}."));
        }
    }

    /// <summary>Reports a value that its enumeration does not have.</summary>
    public static void Defined<T>(List<string> faults, string key, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            faults.Add($"{SettingsReader.Section}:{key} is {value}; set it to one of {string.Join(", ", Enum.GetNames<T>())}.");
        }
    }
}
