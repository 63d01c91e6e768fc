using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>Typed values and their keys, between the application and the bytes that a session holds.</summary>
internal sealed class SessionValues(ISessionSerializer serializer, SessionLimits limits)
{
    public T? Read<T>(SessionValue value, JsonTypeInfo<T>? type) => value.Kind == SessionValueKind.Bytes
        ? Deserialize(value.Bytes, type)
        : throw new SessionValueException("The value is a list. Read it with GetListAsync.");

    public IReadOnlyList<T> ReadList<T>(SessionValue? value, JsonTypeInfo<T>? type) => value switch
    {
        null => [],
        { Kind: SessionValueKind.List } list => SessionList.Items(list.Bytes).ConvertAll(item => Deserialize(item, type)!),
        _ => throw new SessionValueException("The value is not a list. Read it with GetAsync."),
    };

    public byte[] Serialize<T>(T value, JsonTypeInfo<T>? type)
    {
        try
        {
            return type is null ? serializer.Serialize(value) : serializer.Serialize(value, type);
        }
        catch (Exception exception) when (exception is not (SessionValueException or OutOfMemoryException))
        {
            throw new SessionValueException($"A {typeof(T).Name} cannot be kept in the session: the serializer refuses it with {exception.GetType().Name}.");
        }
    }

    /// <exception cref="ArgumentException">The key is empty or not valid Unicode.</exception>
    /// <exception cref="SessionLimitException">It is too long.</exception>
    public void CheckKey([NotNull] string? key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var bytes = SessionKey.ByteLength(key);
        if (bytes < 0)
        {
            throw new ArgumentException("A session key is empty or not valid Unicode. Use a non-empty string without unpaired surrogates.", nameof(key));
        }

        if (bytes > limits.KeyBytes)
        {
            throw new SessionLimitException(SessionLimit.KeyBytes, $"A key has {bytes} bytes; the limit KeyBytes is {limits.KeyBytes}.");
        }
    }

    /// <exception cref="SessionLimitException">The value is too large.</exception>
    public void CheckValue(int bytes)
    {
        if (bytes > limits.ValueBytes)
        {
            throw new SessionLimitException(SessionLimit.ValueBytes, $"A value has {bytes} bytes; the limit ValueBytes is {limits.ValueBytes}.");
        }
    }

    public static void CheckMaximumItems(int maximumItems)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumItems, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maximumItems, SessionList.MaximumItems);
    }

    private T? Deserialize<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T>? type)
    {
        try
        {
            return type is null ? serializer.Deserialize<T>(bytes) : serializer.Deserialize(bytes, type);
        }
        catch (Exception exception) when (exception is not SessionValueException)
        {
            // A serializer's message quotes what it read: user data that must not reach logs. So it is not even the inner exception.
            throw new SessionValueException($"A value of the session cannot be read as {typeof(T).Name}. Remove the key or read it as the type it was written with.");
        }
    }
}
