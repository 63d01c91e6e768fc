using System.Globalization;
using Microsoft.Extensions.Configuration;
using Orleans.Runtime;

namespace ServerSession.Storage;

/// <summary>Reads the options from a section <c>Orleans:GrainStorage:&lt;name&gt;</c>; a value that cannot be read is an error, never the default.</summary>
internal static class SqliteGrainStorageConfiguration
{
    public static string Key(string name, string option) => $"Orleans:GrainStorage:{name}:{option}";

    public static void Apply(IConfigurationSection section, string name, SqliteGrainStorageOptions options)
    {
        if ((section["Path"] ?? section["DataSource"]) is { Length: > 0 } path)
        {
            options.Path = path;
        }

        if (Read<TimeSpan>(section, name, "LockTimeout", "a time as [days.]hh:mm:ss, for example 00:00:10 for ten seconds", TryParseTime) is { } lockTimeout)
        {
            options.LockTimeout = lockTimeout;
        }

        options.MaxBatchSize = ReadInt(section, name, "MaxBatchSize") ?? options.MaxBatchSize;
        options.CheckpointPages = ReadInt(section, name, "CheckpointPages") ?? options.CheckpointPages;
        options.MaxIdleReaders = ReadInt(section, name, "MaxIdleReaders") ?? options.MaxIdleReaders;
        options.InitStage = ReadInt(section, name, "InitStage") ?? options.InitStage;
        options.AllowClustering = Read<bool>(section, name, "AllowClustering", "true or false", bool.TryParse) ?? options.AllowClustering;
        options.CheckAtStart = Read<bool>(section, name, "CheckAtStart", "true or false", bool.TryParse) ?? options.CheckAtStart;
    }

    private delegate bool Parser<T>(string text, out T value);

    /// <summary>A bare number would be a number of days to the framework, which nobody means.</summary>
    private static bool TryParseTime(string text, out TimeSpan value)
    {
        value = default;
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);
    }

    private static int? ReadInt(IConfigurationSection section, string name, string option) =>
        Read(section, name, option, "a whole number", static (string text, out int value) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value));

    private static T? Read<T>(IConfigurationSection section, string name, string option, string expected, Parser<T> parser)
        where T : struct
    {
        if (section[option] is not { Length: > 0 } text)
        {
            return null;
        }

        return parser(text, out var value)
            ? value
            : throw new OrleansConfigurationException($"{Key(name, option)} is \"{text}\"; write {expected}.");
    }
}
