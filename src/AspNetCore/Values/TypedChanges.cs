using System.Text.Json.Serialization.Metadata;

namespace ServerSession.AspNetCore;

/// <summary>Changes on typed values, and what their results mean. Each key and value is checked here, once.</summary>
internal sealed class TypedChanges(SessionValues values)
{
    public SessionValues Values => values;

    public SessionChange Set<T>(string key, T value, JsonTypeInfo<T>? type)
    {
        values.CheckKey(key);
        var bytes = values.Serialize(value, type);
        values.CheckValue(bytes.Length);
        return SessionChange.Set(key, bytes);
    }

    /// <summary>Sets bytes that are the session's from here on.</summary>
    public SessionChange SetBytes(string key, ReadOnlyMemory<byte> bytes)
    {
        values.CheckKey(key);
        values.CheckValue(bytes.Length);
        return SessionChange.Set(key, bytes);
    }

    public SessionChange Remove(string key)
    {
        values.CheckKey(key);
        return SessionChange.Remove(key);
    }

    public SessionChange Increment(string key, long amount)
    {
        values.CheckKey(key);
        return SessionChange.Increment(key, amount);
    }

    public SessionChange GetOrSet<T>(string key, T value, JsonTypeInfo<T>? type)
    {
        values.CheckKey(key);
        return SessionChange.GetOrSet(key, values.Serialize(value, type));
    }

    public SessionChange CompareAndSet<T>(string key, T expected, T value, JsonTypeInfo<T>? type)
    {
        values.CheckKey(key);
        return SessionChange.CompareAndSet(key, values.Serialize(expected, type), values.Serialize(value, type));
    }

    public SessionChange TryAdd<T>(string key, T value, JsonTypeInfo<T>? type)
    {
        values.CheckKey(key);
        return SessionChange.CompareAndSet(key, null, values.Serialize(value, type));
    }

    public SessionChange Take(string key)
    {
        values.CheckKey(key);
        return SessionChange.Take(key);
    }

    public SessionChange Append<T>(string key, T item, int maximumItems, JsonTypeInfo<T>? type)
    {
        values.CheckKey(key);
        SessionValues.CheckMaximumItems(maximumItems);
        return SessionChange.Append(key, values.Serialize(item, type), maximumItems);
    }

    /// <summary>What <see cref="GetOrSet"/> found, or else what it set.</summary>
    public T ReadGetOrSet<T>(SessionChangeResult? result, T value, JsonTypeInfo<T>? type) =>
        result is { Applied: false, Value: { } present } ? values.Read(present, type)! : value;

    /// <summary>What <see cref="Take"/> took.</summary>
    public (bool Found, T? Value) ReadTake<T>(SessionChangeResult? result, JsonTypeInfo<T>? type) =>
        result is { Value: { } taken } ? (true, values.Read(taken, type)) : (false, default);
}
