namespace ServerSession.Core;

/// <summary>The result of applying changes to data: the new data, or why nothing was applied.</summary>
/// <param name="Data">The new data; the old where the changes are refused.</param>
/// <param name="Results">What each change did; null where no change was atomic.</param>
/// <param name="Outcome"><see cref="SessionOutcome.Committed"/>, <see cref="SessionOutcome.TooLarge"/> or <see cref="SessionOutcome.Mismatch"/>.</param>
/// <param name="Refusal">Why the changes are refused.</param>
public readonly record struct SessionDataEdit(
    SessionData Data,
    IReadOnlyList<SessionChangeResult>? Results,
    SessionOutcome Outcome,
    SessionRefusal? Refusal);
