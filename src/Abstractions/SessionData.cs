using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ServerSession;

/// <summary>The key-value data of a session at one version: immutable, ordered by key (ordinal).</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionData")]
public sealed class SessionData
{
    [Id(0)]
    private readonly SessionEntry[] _entries;

    [Id(1)]
    private readonly int _totalBytes;

    /// <summary>Makes the data of entries.</summary>
    /// <param name="entries">The entries, in ordinal order of their keys, each key once. Nobody may change them afterwards.</param>
    /// <param name="totalBytes">The sum of <see cref="SizeOf"/> over them.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public SessionData(SessionEntry[] entries, int totalBytes)
    {
        _entries = entries;
        _totalBytes = totalBytes;
    }

    /// <summary>No keys at all.</summary>
    public static SessionData Empty { get; } = new([], 0);

    /// <summary>How many keys there are.</summary>
    public int Count => _entries.Length;

    /// <summary>The size in bytes: of every key in UTF-8 and of every value.</summary>
    public int TotalBytes => _totalBytes;

    /// <summary>The entries, ordered by key.</summary>
    public ReadOnlySpan<SessionEntry> Entries => _entries;

    /// <summary>The keys, ordered.</summary>
    public IEnumerable<string> Keys
    {
        get
        {
            foreach (var entry in _entries)
            {
                yield return entry.Key;
            }
        }
    }

    /// <summary>Finds the value of a key.</summary>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out SessionValue value)
    {
        var index = IndexOf(_entries, key);
        value = index >= 0 ? _entries[index].Value : default;
        return index >= 0;
    }

    /// <summary>Whether the key has a value.</summary>
    public bool ContainsKey(string key) => IndexOf(_entries, key) >= 0;

    /// <summary>The index of a key, or the complement of where it would stand.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static int IndexOf(ReadOnlySpan<SessionEntry> entries, string key)
    {
        var low = 0;
        var high = entries.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(entries[middle].Key, key);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }

    /// <summary>What a key and its value count, in bytes.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static int SizeOf(string key, in SessionValue value) => Encoding.UTF8.GetByteCount(key) + value.Bytes.Length;
}

/// <summary>One key and its value.</summary>
/// <param name="Key">The key, compared ordinally.</param>
/// <param name="Value">The value.</param>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionEntry")]
public readonly record struct SessionEntry([property: Id(0)] string Key, [property: Id(1)] SessionValue Value);
