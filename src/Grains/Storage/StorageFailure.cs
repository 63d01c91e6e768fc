using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>
/// Turns a failure of the storage into the only exception that leaves a session grain. The provider's own exception stays in the silo: a frontend
/// without the provider's package cannot read it, and could then neither repeat the call nor say what happened. Its text goes along.
/// </summary>
internal static class StorageFailure
{
    /// <summary>The longest text that is taken over from a provider's exception, in characters.</summary>
    private const int LongestText = 500;

    // COR_E_TIMEOUT, the number of TimeoutException and of what derives from it.
    private const int Timeout = unchecked((int)0x80131505);

    /// <summary>Whether the storage did not answer in time, so that it may be well when it is asked again.</summary>
    /// <param name="failure">What <see cref="Create"/> made, in this silo.</param>
    public static bool IsTimeout(SessionUnavailableException failure) => failure.HResult == Timeout;

    /// <param name="message">What failed; ends with a full stop.</param>
    /// <param name="cause">Why.</param>
    public static SessionUnavailableException Create(string message, Exception cause)
    {
        var text = cause.Message.ReplaceLineEndings(" ");
        return new($"{message} {cause.GetType().Name}: {(text.Length > LongestText ? text[..LongestText] + "…" : text)}") { HResult = cause.HResult };
    }
}
