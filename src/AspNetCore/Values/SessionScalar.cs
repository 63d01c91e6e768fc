using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace ServerSession;

/// <summary>
/// A value that becomes JSON without reflection: a text, number, boolean, character, date, time, <see cref="Guid"/> or byte array. It exists for
/// overload resolution only: <c>session.Set("count", 1)</c> converts to it and draws no warning of trimming. What is stored is the value.
/// </summary>
public readonly struct SessionScalar
{
    private readonly Kind _kind;
    private readonly object? _reference;
    private readonly ulong _low;
    private readonly ulong _high;

    private SessionScalar(Kind kind, object? reference) => (_kind, _reference) = (kind, reference);

    private SessionScalar(Kind kind, ulong low, ulong high = 0) => (_kind, _low, _high) = (kind, low, high);

    private SessionScalar(Kind kind, (ulong Low, ulong High) bits)
        : this(kind, bits.Low, bits.High)
    {
    }

    private enum Kind : byte
    {
        Text,
        Bytes,
        Boolean,
        Char,
        SByte,
        Byte,
        Int16,
        UInt16,
        Int32,
        UInt32,
        Int64,
        UInt64,
        Single,
        Double,
        Decimal,
        DateTime,
        DateTimeOffset,
        DateOnly,
        TimeOnly,
        TimeSpan,
        Guid,
    }

    /// <summary>Takes text.</summary>
    public static implicit operator SessionScalar(string? value) => new(Kind.Text, (object?)value);

    /// <summary>Takes a byte array.</summary>
    public static implicit operator SessionScalar(byte[]? value) => new(Kind.Bytes, (object?)value);

    /// <summary>Takes a boolean.</summary>
    public static implicit operator SessionScalar(bool value) => new(Kind.Boolean, value ? 1UL : 0);

    /// <summary>Takes a character.</summary>
    public static implicit operator SessionScalar(char value) => new(Kind.Char, value);

    /// <summary>Takes a <see cref="sbyte"/>.</summary>
    public static implicit operator SessionScalar(sbyte value) => new(Kind.SByte, (ulong)value);

    /// <summary>Takes a <see cref="byte"/>.</summary>
    public static implicit operator SessionScalar(byte value) => new(Kind.Byte, value);

    /// <summary>Takes a <see cref="short"/>.</summary>
    public static implicit operator SessionScalar(short value) => new(Kind.Int16, (ulong)value);

    /// <summary>Takes an <see cref="ushort"/>.</summary>
    public static implicit operator SessionScalar(ushort value) => new(Kind.UInt16, value);

    /// <summary>Takes an <see cref="int"/>.</summary>
    public static implicit operator SessionScalar(int value) => new(Kind.Int32, (ulong)value);

    /// <summary>Takes an <see cref="uint"/>.</summary>
    public static implicit operator SessionScalar(uint value) => new(Kind.UInt32, value);

    /// <summary>Takes a <see cref="long"/>.</summary>
    public static implicit operator SessionScalar(long value) => new(Kind.Int64, (ulong)value);

    /// <summary>Takes an <see cref="ulong"/>.</summary>
    public static implicit operator SessionScalar(ulong value) => new(Kind.UInt64, value);

    /// <summary>Takes a <see cref="float"/>.</summary>
    public static implicit operator SessionScalar(float value) => new(Kind.Single, BitConverter.SingleToUInt32Bits(value));

    /// <summary>Takes a <see cref="double"/>.</summary>
    public static implicit operator SessionScalar(double value) => new(Kind.Double, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Takes a <see cref="decimal"/>.</summary>
    public static implicit operator SessionScalar(decimal value) => new(Kind.Decimal, Unsafe.BitCast<decimal, (ulong, ulong)>(value));

    /// <summary>Takes a <see cref="DateTime"/>.</summary>
    public static implicit operator SessionScalar(DateTime value) => new(Kind.DateTime, Unsafe.BitCast<DateTime, ulong>(value));

    /// <summary>Takes a <see cref="DateTimeOffset"/>.</summary>
    public static implicit operator SessionScalar(DateTimeOffset value) => new(Kind.DateTimeOffset, (ulong)value.Ticks, (ulong)value.TotalOffsetMinutes);

    /// <summary>Takes a <see cref="DateOnly"/>.</summary>
    public static implicit operator SessionScalar(DateOnly value) => new(Kind.DateOnly, (ulong)value.DayNumber);

    /// <summary>Takes a <see cref="TimeOnly"/>.</summary>
    public static implicit operator SessionScalar(TimeOnly value) => new(Kind.TimeOnly, (ulong)value.Ticks);

    /// <summary>Takes a <see cref="TimeSpan"/>.</summary>
    public static implicit operator SessionScalar(TimeSpan value) => new(Kind.TimeSpan, (ulong)value.Ticks);

    /// <summary>Takes a <see cref="Guid"/>.</summary>
    public static implicit operator SessionScalar(Guid value) => new(Kind.Guid, Unsafe.BitCast<Guid, (ulong, ulong)>(value));

    internal void Set(IServerSession session, string key) => Visit<SetOfRequest, bool>(new SetOfRequest(session, key));

    internal ValueTask SetAsync(IBackgroundSession session, string key, CancellationToken cancellationToken) =>
        Visit<SetOfBackground, ValueTask>(new SetOfBackground(session, key, cancellationToken));

    internal ValueTask<bool> TryAddAsync(IServerSession session, string key, CancellationToken cancellationToken) =>
        Visit<AddOfRequest, ValueTask<bool>>(new AddOfRequest(session, key, cancellationToken));

    internal ValueTask<bool> TryAddAsync(IBackgroundSession session, string key, CancellationToken cancellationToken) =>
        Visit<AddOfBackground, ValueTask<bool>>(new AddOfBackground(session, key, cancellationToken));

    private TResult Visit<TVisitor, TResult>(TVisitor visitor)
        where TVisitor : struct, IVisitor<TResult> => _kind switch
    {
        Kind.Text => visitor.Visit((string)_reference!, SessionJson.String),
        Kind.Bytes => visitor.Visit((byte[])_reference!, SessionJson.ByteArray),
        Kind.Boolean => visitor.Visit(_low != 0, SessionJson.Boolean),
        Kind.Char => visitor.Visit((char)_low, SessionJson.Char),
        Kind.SByte => visitor.Visit((sbyte)_low, SessionJson.SByte),
        Kind.Byte => visitor.Visit((byte)_low, SessionJson.Byte),
        Kind.Int16 => visitor.Visit((short)_low, SessionJson.Int16),
        Kind.UInt16 => visitor.Visit((ushort)_low, SessionJson.UInt16),
        Kind.Int32 => visitor.Visit((int)_low, SessionJson.Int32),
        Kind.UInt32 => visitor.Visit((uint)_low, SessionJson.UInt32),
        Kind.Int64 => visitor.Visit((long)_low, SessionJson.Int64),
        Kind.UInt64 => visitor.Visit(_low, SessionJson.UInt64),
        Kind.Single => visitor.Visit(BitConverter.UInt32BitsToSingle((uint)_low), SessionJson.Single),
        Kind.Double => visitor.Visit(BitConverter.UInt64BitsToDouble(_low), SessionJson.Double),
        Kind.Decimal => visitor.Visit(Unsafe.BitCast<(ulong, ulong), decimal>((_low, _high)), SessionJson.Decimal),
        Kind.DateTime => visitor.Visit(Unsafe.BitCast<ulong, DateTime>(_low), SessionJson.DateTime),
        Kind.DateTimeOffset => visitor.Visit(new DateTimeOffset((long)_low, TimeSpan.FromMinutes((long)_high)), SessionJson.DateTimeOffset),
        Kind.DateOnly => visitor.Visit(DateOnly.FromDayNumber((int)_low), SessionJson.DateOnly),
        Kind.TimeOnly => visitor.Visit(new TimeOnly((long)_low), SessionJson.TimeOnly),
        Kind.TimeSpan => visitor.Visit(new TimeSpan((long)_low), SessionJson.TimeSpan),
        Kind.Guid => visitor.Visit(Unsafe.BitCast<(ulong, ulong), Guid>((_low, _high)), SessionJson.Guid),
        _ => throw new InvalidOperationException($"Kind {_kind} of a scalar is not handled."),
    };

    private interface IVisitor<out TResult>
    {
        TResult Visit<T>(T value, JsonTypeInfo<T> type);
    }

    private readonly struct SetOfRequest(IServerSession session, string key) : IVisitor<bool>
    {
        public bool Visit<T>(T value, JsonTypeInfo<T> type)
        {
            session.Set(key, value, type);
            return true;
        }
    }

    private readonly struct SetOfBackground(IBackgroundSession session, string key, CancellationToken cancellationToken) : IVisitor<ValueTask>
    {
        public ValueTask Visit<T>(T value, JsonTypeInfo<T> type) => session.SetAsync(key, value, type, cancellationToken);
    }

    private readonly struct AddOfRequest(IServerSession session, string key, CancellationToken cancellationToken) : IVisitor<ValueTask<bool>>
    {
        public ValueTask<bool> Visit<T>(T value, JsonTypeInfo<T> type) => session.TryAddAsync(key, value, type, cancellationToken);
    }

    private readonly struct AddOfBackground(IBackgroundSession session, string key, CancellationToken cancellationToken) : IVisitor<ValueTask<bool>>
    {
        public ValueTask<bool> Visit<T>(T value, JsonTypeInfo<T> type) => session.TryAddAsync(key, value, type, cancellationToken);
    }
}
