using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;

namespace ServerSession.Tests.Secrecy;

/// <summary>Everything that somebody without the cookie could come to see, by the channel it went out on.</summary>
public sealed class Evidence : IDisposable
{
    public const string ExceptionChannel = "exception";

    private readonly ConcurrentQueue<(string Channel, object Seen)> _items = new();

    public Evidence() => AppDomain.CurrentDomain.FirstChanceException += OnException;

    public IReadOnlyCollection<string> Channels => _items.Select(static item => item.Channel).Distinct().ToHashSet();

    /// <summary>Keeps a text, bytes, a value of any kind as a formatter would write it, or an exception with all it carries.</summary>
    public void Add(string channel, object? seen) => _items.Enqueue((channel, seen is byte[] or Exception ? seen : Text(seen)));

    public void AddFiles(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Add($"file {Path.GetFileName(file)}", File.ReadAllBytes(file));
        }
    }

    /// <summary>What holds a secret, each with its channel; bytes without their content.</summary>
    public IReadOnlyList<string> Find(SecretSearch search) =>
        [.. _items.Where(item => IsIn(search, item.Seen)).Select(static item => $"{item.Channel}: {Text(item.Seen)}")];

    public IReadOnlySet<string> ChannelsWith(SecretSearch search) =>
        _items.Where(item => IsIn(search, item.Seen)).Select(static item => item.Channel).ToHashSet();

    public void Dispose() => AppDomain.CurrentDomain.FirstChanceException -= OnException;

    private static bool IsIn(SecretSearch search, object seen) => seen is byte[] bytes ? search.IsIn(bytes) : search.IsIn(Text(seen));

    private static string Text(object? seen)
    {
        switch (seen)
        {
            case null: return "";
            case string text: return text;
            case byte[] bytes: return $"{bytes.Length} bytes";
            case Exception exception: return $"{exception} {Text(exception.Data)}";
            case ReadOnlyMemory<byte> memory: return Convert.ToHexString(memory.Span);
            case DictionaryEntry entry: return $"{Text(entry.Key)}={Text(entry.Value)}";
            case KeyValuePair<string, object?> pair: return $"{pair.Key}={(pair.Value is byte[] value ? Convert.ToHexString(value) : Text(pair.Value))}";
            case IEnumerable items: return Items(items);
            default: return string.Create(CultureInfo.InvariantCulture, $"{seen}");
        }
    }

    private static string Items(IEnumerable items)
    {
        var all = new StringBuilder($"{items}");
        try
        {
            foreach (var item in items)
            {
                all.Append(' ').Append(Text(item));
            }
        }
        catch (InvalidOperationException)
        {
            // Its owner changes it meanwhile; a logger would be no luckier.
        }

        return all.ToString();
    }

    // Not as text yet: its stack and data come while it is on its way.
    private void OnException(object? sender, FirstChanceExceptionEventArgs thrown) => _items.Enqueue((ExceptionChannel, thrown.Exception));
}
