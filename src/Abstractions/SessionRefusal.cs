namespace ServerSession;

/// <summary>Why a commit was <see cref="SessionOutcome.TooLarge"/> or <see cref="SessionOutcome.Mismatch"/>.</summary>
/// <param name="Message">A sentence for the reader. It names the limit or the rule, never a key or a value.</param>
/// <param name="Limit">The limit that would be exceeded; null for a mismatch.</param>
/// <param name="Change">The index of the refused change in its commit; -1 where the whole is refused.</param>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionRefusal")]
public sealed record SessionRefusal(
    [property: Id(0)] string Message,
    [property: Id(1)] SessionLimit? Limit,
    [property: Id(2)] int Change);
