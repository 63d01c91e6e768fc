using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Data;

/// <summary>What changes do, said in the simplest way: a dictionary that is copied, texts and lists of texts.</summary>
internal sealed partial class EditorModel(SessionLimits limits)
{
    private SortedDictionary<string, object> _data = new(StringComparer.Ordinal);

    public (SessionOutcome Outcome, IEnumerable<string>? Results) Apply(SessionChange[] changes)
    {
        var before = _data;
        _data = new SortedDictionary<string, object>(before, StringComparer.Ordinal);
        var results = new List<string>();
        foreach (var change in changes)
        {
            var (outcome, result) = One(change);
            if (outcome != SessionOutcome.Committed)
            {
                _data = before;
                return (outcome, null);
            }

            results.Add(result);
        }

        var grewOverKeys = _data.Count > limits.Keys && _data.Count > before.Count;
        if (grewOverKeys || (Size(_data) > limits.TotalBytes && Size(_data) > Size(before)))
        {
            _data = before;
            return (SessionOutcome.TooLarge, null);
        }

        return (SessionOutcome.Committed, changes.Any(change => change.IsAtomic) ? results : null);
    }

    /// <summary>The same data, to go another way from here.</summary>
    public EditorModel Copy() => new(limits) { _data = _data };

    public string Show() => string.Join(' ', _data.Select(entry => $"{entry.Key}={Show(entry.Value)}"));

    public static string Show(SessionData data) =>
        string.Join(' ', data.Entries.ToArray().Select(entry => $"{entry.Key}={entry.Value.Kind}:{Sample.Text(entry.Value.Bytes)}"));

    public static string Show(SessionChangeResult result) =>
        $"{result.Applied} {(result.Value is { } value ? $"{value.Kind}:{Sample.Text(value.Bytes)}" : "none")} {result.Number}";

    private (SessionOutcome Outcome, string Result) One(SessionChange change)
    {
        if (change.Kind == SessionChangeKind.Clear)
        {
            _data.Clear();
            return Done("-");
        }

        if (change.Key.Length == 0 || change.Key == "\ud800")
        {
            return Mismatch;
        }

        var there = _data.GetValueOrDefault(change.Key);
        var value = change.Value is { } bytes ? Sample.Text(bytes) : null;
        switch (change.Kind)
        {
            case SessionChangeKind.Set:
                return Put(change.Key, value!, 0, "-");
            case SessionChangeKind.Remove:
                _data.Remove(change.Key);
                return Done("-");
            case SessionChangeKind.Take:
                _data.Remove(change.Key);
                return Done(there is null ? "False none 0" : $"True {Show(there)} 0");
            case SessionChangeKind.GetOrSet:
                return there is null ? Put(change.Key, value!, 0) : Done($"False {Show(there)} 0");
            case SessionChangeKind.CompareAndSet:
                return CompareAndSet(change, there, value);
            case SessionChangeKind.Increment:
                return Increment(change, there);
            default:
                return Append(change, there, value!);
        }
    }

    private (SessionOutcome Outcome, string Result) CompareAndSet(SessionChange change, object? there, string? value)
    {
        var expected = change.Expected is { } bytes ? Sample.Text(bytes) : null;
        if (there is List<string> || expected != there as string)
        {
            return Done($"False {(there is null ? "none" : Show(there))} 0");
        }

        if (value is not null)
        {
            return Put(change.Key, value, 0);
        }

        _data.Remove(change.Key);
        return Done("True none 0");
    }

    private (SessionOutcome Outcome, string Result) Increment(SessionChange change, object? there)
    {
        if ((there ?? "0") is not string text || !Number().IsMatch(text))
        {
            return Mismatch;
        }

        var sum = BigInteger.Parse(text, CultureInfo.InvariantCulture) + change.Number;
        return sum < long.MinValue || sum > long.MaxValue ? Mismatch : Put(change.Key, sum.ToString(CultureInfo.InvariantCulture), sum);
    }

    private (SessionOutcome Outcome, string Result) Append(SessionChange change, object? there, string item)
    {
        if (change.Number < 1 || there is string)
        {
            return Mismatch;
        }

        var items = (List<string>)[.. (List<string>?)there ?? [], item];
        items.RemoveRange(0, Math.Max(0, items.Count - (int)change.Number));
        return Put(change.Key, items, items.Count);
    }

    private (SessionOutcome Outcome, string Result) Put(string key, object value, BigInteger number, string? result = null)
    {
        if ((!_data.ContainsKey(key) && Sample.Bytes(key).Length > limits.KeyBytes) || Length(value) > limits.ValueBytes)
        {
            return (SessionOutcome.TooLarge, "");
        }

        _data[key] = value;
        return Done(result ?? $"True {Show(value)} {number}");
    }

    private static (SessionOutcome Outcome, string Result) Mismatch => (SessionOutcome.Mismatch, "");

    private static (SessionOutcome Outcome, string Result) Done(string result) => (SessionOutcome.Committed, result);

    private static string Show(object value) =>
        value is List<string> items ? "List:" + string.Concat(items.Select(item => (char)item.Length + item)) : $"Bytes:{value}";

    private static int Length(object value) => value is List<string> items ? items.Sum(item => item.Length + 1) : ((string)value).Length;

    private static int Size(SortedDictionary<string, object> data) => data.Sum(entry => Sample.Bytes(entry.Key).Length + Length(entry.Value));

    [GeneratedRegex("^(0|-?[1-9][0-9]{0,18})$")]
    private static partial Regex Number();
}
