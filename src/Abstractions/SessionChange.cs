namespace ServerSession;

/// <summary>The kinds of <see cref="SessionChange"/>.</summary>
[GenerateSerializer, Alias("ServerSession.SessionChangeKind")]
public enum SessionChangeKind : byte
{
    /// <summary>No change: the value of <c>default</c>, refused by the grain.</summary>
    None = 0,

    /// <summary>Sets a key to a value.</summary>
    Set = 1,

    /// <summary>Removes a key.</summary>
    Remove = 2,

    /// <summary>Removes every key.</summary>
    Clear = 3,

    /// <summary>Adds to a decimal integer; an absent key counts as zero.</summary>
    Increment = 4,

    /// <summary>Sets a key that is absent, and returns the value it then has.</summary>
    GetOrSet = 5,

    /// <summary>Sets or removes a key if it has the expected value.</summary>
    CompareAndSet = 6,

    /// <summary>Reads and removes a key.</summary>
    Take = 7,

    /// <summary>Appends an item to a bounded list.</summary>
    Append = 8,
}

/// <summary>
/// One explicit operation on one key. Changes travel to the session grain and are applied there under its lock, so that two requests
/// that change different keys both win (guarantee: no lost updates).
/// </summary>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionChange")]
public readonly struct SessionChange
{
    // Two fields instead of a nullable memory: Orleans writes bytes that stand in a message twice as a reference, which its codec of
    // nullable values does not read.
    [Id(2)]
    private readonly ReadOnlyMemory<byte> _value;

    [Id(3)]
    private readonly ReadOnlyMemory<byte> _expected;

    [Id(5)]
    private readonly bool _hasValue;

    [Id(6)]
    private readonly bool _hasExpected;

    private SessionChange(SessionChangeKind kind, string key, ReadOnlyMemory<byte>? value = null, ReadOnlyMemory<byte>? expected = null, long number = 0)
    {
        Kind = kind;
        Key = key;
        _value = value.GetValueOrDefault();
        _hasValue = value.HasValue;
        _expected = expected.GetValueOrDefault();
        _hasExpected = expected.HasValue;
        Number = number;
    }

    /// <summary>What is done.</summary>
    [Id(0)]
    public SessionChangeKind Kind { get; }

    /// <summary>The key; empty for <see cref="SessionChangeKind.Clear"/>.</summary>
    [Id(1)]
    public string Key { get; }

    /// <summary>The new value or the item to append; null where there is none.</summary>
    public ReadOnlyMemory<byte>? Value => _hasValue ? _value : default(ReadOnlyMemory<byte>?);

    /// <summary>The value a compare-and-set expects; null expects the key to be absent.</summary>
    public ReadOnlyMemory<byte>? Expected => _hasExpected ? _expected : default(ReadOnlyMemory<byte>?);

    /// <summary>The amount of an increment, or the greatest number of items an append leaves.</summary>
    [Id(4)]
    public long Number { get; }

    /// <summary>Sets <paramref name="key"/> to <paramref name="value"/>.</summary>
    public static SessionChange Set(string key, ReadOnlyMemory<byte> value) => new(SessionChangeKind.Set, key, value);

    /// <summary>Removes <paramref name="key"/>, if present.</summary>
    public static SessionChange Remove(string key) => new(SessionChangeKind.Remove, key);

    /// <summary>Removes every key.</summary>
    public static SessionChange Clear() => new(SessionChangeKind.Clear, "");

    /// <summary>
    /// Adds <paramref name="amount"/> to the decimal integer (UTF-8) at <paramref name="key"/>; absent counts as zero. A value that is no
    /// 64-bit integer in its shortest spelling (<c>42</c>, <c>-7</c>; not <c>042</c>, <c>+5</c>, <c>1.0</c> or <c>-0</c>), and an overflow,
    /// give <see cref="SessionOutcome.Mismatch"/>.
    /// </summary>
    public static SessionChange Increment(string key, long amount = 1) => new(SessionChangeKind.Increment, key, number: amount);

    /// <summary>Sets <paramref name="key"/> to <paramref name="value"/> if it is absent; the result reports the value it then has.</summary>
    public static SessionChange GetOrSet(string key, ReadOnlyMemory<byte> value) => new(SessionChangeKind.GetOrSet, key, value);

    /// <summary>
    /// Sets <paramref name="key"/> to <paramref name="value"/> (null removes it) if it has exactly the bytes <paramref name="expected"/>
    /// (null expects it to be absent); the result reports whether it did.
    /// </summary>
    public static SessionChange CompareAndSet(string key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? value) =>
        new(SessionChangeKind.CompareAndSet, key, value, expected);

    /// <summary>
    /// Sets <paramref name="key"/> to <paramref name="value"/> (null removes it) if it has exactly the bytes <paramref name="expected"/>
    /// (null expects it to be absent). Without this form a null array would silently become an empty value.
    /// </summary>
    public static SessionChange CompareAndSet(string key, byte[]? expected, byte[]? value) => new(
        SessionChangeKind.CompareAndSet,
        key,
        value is null ? default(ReadOnlyMemory<byte>?) : value,
        expected is null ? default(ReadOnlyMemory<byte>?) : expected);

    /// <summary>Reads and removes <paramref name="key"/>: of all takers, exactly one gets the value.</summary>
    public static SessionChange Take(string key) => new(SessionChangeKind.Take, key);

    /// <summary>
    /// Appends <paramref name="item"/> to the list at <paramref name="key"/>, dropping the oldest items over
    /// <paramref name="maximumItems"/> (1 to 10,000). A value that is no list gives <see cref="SessionOutcome.Mismatch"/>.
    /// </summary>
    public static SessionChange Append(string key, ReadOnlyMemory<byte> item, int maximumItems) =>
        new(SessionChangeKind.Append, key, item, number: maximumItems);

    /// <summary>Whether the change answers with a <see cref="SessionChangeResult"/> the caller needs.</summary>
    /// <exception cref="NotSupportedException">The kind is not known to this version.</exception>
    public bool IsAtomic => Kind switch
    {
        SessionChangeKind.None or SessionChangeKind.Set or SessionChangeKind.Remove or SessionChangeKind.Clear => false,
        SessionChangeKind.Increment or SessionChangeKind.GetOrSet or SessionChangeKind.CompareAndSet or SessionChangeKind.Take or SessionChangeKind.Append => true,
        _ => throw new NotSupportedException($"The change kind {(int)Kind} is not known to this version of ServerSession.Orleans. Update this process."),
    };
}

/// <summary>What one atomic change did.</summary>
/// <param name="Applied">Whether the data was changed.</param>
/// <param name="Value">The value read, or the value after the change; null where the key is absent.</param>
/// <param name="Number">The number after an increment, or of the items after an append.</param>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionChangeResult")]
public readonly record struct SessionChangeResult(
    [property: Id(0)] bool Applied,
    [property: Id(1)] SessionValue? Value = null,
    [property: Id(2)] long Number = 0);
