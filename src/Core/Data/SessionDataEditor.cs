using System.Buffers.Text;

namespace ServerSession.Core;

/// <summary>Applies changes to a copy of the entries, in order; the first change that cannot be applied refuses them all.</summary>
public ref struct SessionDataEditor
{
    private readonly SessionLimits _limits;
    private SessionEntry[] _entries;
    private int _count;
    private long _totalBytes;
    private int _keyBytes;
    private int _index;
    private SessionOutcome _outcome;
    private SessionRefusal? _refusal;

    private SessionDataEditor(SessionData data, SessionLimits limits)
    {
        _limits = limits;
        _entries = data.Entries.ToArray();
        _count = data.Count;
        _totalBytes = data.TotalBytes;
        _outcome = SessionOutcome.Committed;
    }

    /// <summary>Applies <paramref name="changes"/> to <paramref name="data"/>, which stays as it is.</summary>
    public static SessionDataEdit Apply(SessionData data, IReadOnlyList<SessionChange> changes, SessionLimits limits)
    {
        if (changes.Count == 0)
        {
            return new SessionDataEdit(data, null, SessionOutcome.Committed, null);
        }

        if (changes.Count > limits.Changes)
        {
            var refusal = new SessionRefusal($"A commit has {changes.Count} changes; the limit Changes, which follows from Keys, is {limits.Changes}.", SessionLimit.Changes, -1);
            return new SessionDataEdit(data, null, SessionOutcome.TooLarge, refusal);
        }

        var editor = new SessionDataEditor(data, limits);
        return editor.Run(data, changes);
    }

    private SessionDataEdit Run(SessionData before, IReadOnlyList<SessionChange> changes)
    {
        SessionChangeResult[]? results = null;
        for (_index = 0; _index < changes.Count; _index++)
        {
            var change = changes[_index];
            var result = ApplyOne(in change);
            if (_outcome != SessionOutcome.Committed)
            {
                return new SessionDataEdit(before, null, _outcome, _refusal);
            }

            if (change.IsAtomic)
            {
                results ??= new SessionChangeResult[changes.Count];
                results[_index] = result;
            }
        }

        CheckTotals(before);
        if (_outcome != SessionOutcome.Committed)
        {
            return new SessionDataEdit(before, null, _outcome, _refusal);
        }

        Array.Resize(ref _entries, _count);
        return new SessionDataEdit(new SessionData(_entries, (int)_totalBytes), results, SessionOutcome.Committed, null);
    }

    private SessionChangeResult ApplyOne(in SessionChange change)
    {
        if (change.Kind == SessionChangeKind.Clear)
        {
            _entries = [];
            _count = 0;
            _totalBytes = 0;
            return default;
        }

        _keyBytes = SessionKey.ByteLength(change.Key);
        if (_keyBytes < 0)
        {
            return Mismatch("A key is empty or not valid Unicode. Use a non-empty string without unpaired surrogates.");
        }

        return change.Kind switch
        {
            SessionChangeKind.Set => Set(change.Key, new SessionValue(change.Value ?? default)),
            SessionChangeKind.Remove => Remove(change.Key),
            SessionChangeKind.Increment => Increment(change.Key, change.Number),
            SessionChangeKind.GetOrSet => GetOrSet(change.Key, change.Value ?? default),
            SessionChangeKind.CompareAndSet => CompareAndSet(in change),
            SessionChangeKind.Take => Take(change.Key),
            SessionChangeKind.Append => Append(change.Key, change.Value ?? default, change.Number),
            _ => Mismatch($"The change kind {(int)change.Kind} is not known here. Update the silos before the frontends."),
        };
    }

    private SessionChangeResult Set(string key, SessionValue value)
    {
        // Only a new key is measured: one that is there since the limit was higher can still be changed and removed.
        var at = Find(key);
        if (at < 0 && _keyBytes > _limits.KeyBytes)
        {
            return TooLarge(SessionLimit.KeyBytes, $"A key has {_keyBytes} bytes; the limit KeyBytes is {_limits.KeyBytes}.");
        }

        if (value.Bytes.Length > _limits.ValueBytes)
        {
            return TooLarge(SessionLimit.ValueBytes, $"A value has {value.Bytes.Length} bytes; the limit ValueBytes is {_limits.ValueBytes}.");
        }

        if (at >= 0)
        {
            _totalBytes += value.Bytes.Length - _entries[at].Value.Bytes.Length;
            _entries[at] = new SessionEntry(_entries[at].Key, value);
        }
        else
        {
            Insert(~at, new SessionEntry(key, value));
        }

        return new SessionChangeResult(true, value);
    }

    private SessionChangeResult Remove(string key)
    {
        var at = Find(key);
        if (at < 0)
        {
            return default;
        }

        _totalBytes -= SessionData.SizeOf(key, _entries[at].Value);
        _count--;
        Array.Copy(_entries, at + 1, _entries, at, _count - at);
        _entries[_count] = default;
        return new SessionChangeResult(true);
    }

    private SessionChangeResult Increment(string key, long amount)
    {
        var at = Find(key);
        long number = 0;
        if (at >= 0 && !TryReadNumber(_entries[at].Value, out number))
        {
            return Mismatch("An increment met a value that is not a 64-bit integer. Remove or replace the value first.");
        }

        try
        {
            number = checked(number + amount);
        }
        catch (OverflowException)
        {
            return Mismatch("An increment would leave the range of a 64-bit integer.");
        }

        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, text, out var length);
        return Set(key, new SessionValue(text[..length].ToArray())) with { Number = number };
    }

    private SessionChangeResult GetOrSet(string key, ReadOnlyMemory<byte> value)
    {
        var at = Find(key);
        return at >= 0 ? new SessionChangeResult(false, _entries[at].Value) : Set(key, new SessionValue(value));
    }

    private SessionChangeResult CompareAndSet(in SessionChange change)
    {
        var at = Find(change.Key);
        var equal = at < 0
            ? change.Expected is null
            : change.Expected is { } expected
                && _entries[at].Value.Kind == SessionValueKind.Bytes
                && expected.Span.SequenceEqual(_entries[at].Value.Bytes.Span);
        if (!equal)
        {
            return new SessionChangeResult(false, at < 0 ? null : _entries[at].Value);
        }

        if (change.Value is { } value)
        {
            return Set(change.Key, new SessionValue(value));
        }

        Remove(change.Key);
        return new SessionChangeResult(true);
    }

    private SessionChangeResult Take(string key)
    {
        var at = Find(key);
        if (at < 0)
        {
            return default;
        }

        var value = _entries[at].Value;
        Remove(key);
        return new SessionChangeResult(true, value);
    }

    private SessionChangeResult Append(string key, ReadOnlyMemory<byte> item, long maximumItems)
    {
        if (maximumItems is < 1 or > SessionList.MaximumItems)
        {
            return Mismatch($"An append asks for at most {maximumItems} items; it must be between 1 and {SessionList.MaximumItems}.");
        }

        var at = Find(key);
        if (at >= 0 && _entries[at].Value.Kind != SessionValueKind.List)
        {
            return Mismatch("An append met a value that is not a list. Remove or replace the value first.");
        }

        var before = at < 0 ? default : _entries[at].Value.Bytes;
        var after = SessionList.Append(before.Span, item.Span, (int)maximumItems, out var count);
        return Set(key, new SessionValue(after, SessionValueKind.List)) with { Number = count };
    }

    /// <summary>A session that is over a limit already (the limit was lowered) may still shrink.</summary>
    private void CheckTotals(SessionData before)
    {
        if (_count > _limits.Keys && _count > before.Count)
        {
            _index = -1;
            TooLarge(SessionLimit.Keys, $"The session would have {_count} keys; the limit Keys is {_limits.Keys}.");
        }
        else if (_totalBytes > _limits.TotalBytes && _totalBytes > before.TotalBytes)
        {
            _index = -1;
            TooLarge(SessionLimit.TotalBytes, $"The session would have {_totalBytes} bytes; the limit TotalBytes is {_limits.TotalBytes}.");
        }
    }

    private readonly int Find(string key) => SessionData.IndexOf(_entries.AsSpan(0, _count), key);

    private void Insert(int at, SessionEntry entry)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count + 1 + (_count / 2));
        }

        Array.Copy(_entries, at, _entries, at + 1, _count - at);
        _entries[at] = entry;
        _count++;
        _totalBytes += SessionData.SizeOf(entry.Key, entry.Value);
    }

    /// <summary>Reads a number in the one spelling that increments write: no sign but a minus, no leading zero, no "-0".</summary>
    private static bool TryReadNumber(SessionValue value, out long number)
    {
        number = 0;
        if (value.Kind != SessionValueKind.Bytes || !Utf8Parser.TryParse(value.Bytes.Span, out number, out _))
        {
            return false;
        }

        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, text, out var length);
        return value.Bytes.Span.SequenceEqual(text[..length]);
    }

    private SessionChangeResult TooLarge(SessionLimit limit, string message)
    {
        _outcome = SessionOutcome.TooLarge;
        _refusal = new SessionRefusal(message, limit, _index);
        return default;
    }

    private SessionChangeResult Mismatch(string message)
    {
        _outcome = SessionOutcome.Mismatch;
        _refusal = new SessionRefusal(message, null, _index);
        return default;
    }
}
