using System.Text.Json.Serialization.Metadata;

namespace ServerSession;

/// <summary>
/// Turns typed values into the bytes a session keeps, and back. Replaced with <c>UseSerializer&lt;T&gt;()</c>;
/// <see cref="JsonSessionSerializer"/> otherwise.
/// </summary>
/// <remarks>
/// Equal values must give equal bytes for compare-and-set to be of use, and different ones different bytes: refuse a value that would come back
/// as another one. Whatever an implementation throws reaches the application as <see cref="SessionValueException"/>; its own
/// <see cref="SessionValueException"/> as it is, so that its message must not quote values.
/// </remarks>
public interface ISessionSerializer
{
    /// <summary>Makes the bytes of a value. The array is the session's from then on: nobody may change it.</summary>
    byte[] Serialize<T>(T value);

    /// <summary>Reads a value. The bytes are shared: nobody may change or keep them.</summary>
    T? Deserialize<T>(ReadOnlyMemory<byte> bytes);

    /// <summary>Makes the bytes of a value whose JSON contract the application gives. By default the contract is not used.</summary>
    byte[] Serialize<T>(T value, JsonTypeInfo<T> type) => Serialize(value);

    /// <summary>Reads a value whose JSON contract the application gives. By default the contract is not used.</summary>
    T? Deserialize<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T> type) => Deserialize<T>(bytes);
}
