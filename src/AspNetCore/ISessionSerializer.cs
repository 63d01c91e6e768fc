namespace ServerSession;

/// <summary>
/// Turns typed values into the bytes a session keeps, and back. Replaced with <c>UseSerializer&lt;T&gt;()</c>; System.Text.Json with its
/// web defaults otherwise.
/// </summary>
/// <remarks>
/// Equal values must give equal bytes for compare-and-set to be of use. Whatever an implementation throws reaches the application as
/// <see cref="SessionValueException"/>.
/// </remarks>
public interface ISessionSerializer
{
    /// <summary>Makes the bytes of a value. The array is the session's from then on: nobody may change it.</summary>
    byte[] Serialize<T>(T value);

    /// <summary>Reads a value. The bytes are shared: nobody may change or keep them.</summary>
    T? Deserialize<T>(ReadOnlyMemory<byte> bytes);
}
