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

    /// <param name="message">What failed; ends with a full stop.</param>
    /// <param name="cause">Why.</param>
    public static SessionUnavailableException Create(string message, Exception cause)
    {
        var text = cause.Message.ReplaceLineEndings(" ");
        return new($"{message} {cause.GetType().Name}: {(text.Length > LongestText ? text[..LongestText] + "…" : text)}");
    }
}
