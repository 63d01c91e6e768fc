using System.Collections.Immutable;
using ServerSession.Tests.Data;

namespace ServerSession.Tests.Model;

internal enum Life
{
    /// <summary>It was not created yet, or it lived in memory only and its memory is gone.</summary>
    Absent,
    Live,

    /// <summary>Destroyed or expired: for good.</summary>
    Ended,
}

/// <summary>What an operation did, as its repeats have to tell it.</summary>
internal sealed record Done(SessionOutcome Outcome, string? Results);

/// <summary>A session as the guarantees see it: no activation, no storage. What the history leaves open are ranges.</summary>
internal sealed record ModelState
{
    public required EditorModel Data { get; init; }

    public Life Life { get; init; }

    public long Version { get; init; }

    public int Token { get; init; }

    public int? Previous { get; init; }

    public SessionTerms Terms { get; init; } = SessionTerms.Default;

    public TimeRange Created { get; init; }

    public TimeRange Access { get; init; }

    /// <summary>The latest access that is known of, whatever became of it.</summary>
    public DateTimeOffset LatestAccess { get; init; }

    /// <summary>The storage has this access, or a later one.</summary>
    public DateTimeOffset StoredAccess { get; init; }

    /// <summary>Whether nothing but memory knows that it ended.</summary>
    public bool EndedInMemory { get; init; }

    public DateTimeOffset TombstoneUntil { get; init; }

    public ImmutableSortedDictionary<int, Done> Operations { get; init; } = ImmutableSortedDictionary<int, Done>.Empty;

    /// <summary>What the newest numbered operation says is the first that its source waits for, or one before it.</summary>
    public ulong FirstUnanswered { get; init; }

    /// <summary>When the newest numbered operation was issued: until the window has passed since then, the session knows <see cref="FirstUnanswered"/>.</summary>
    public DateTimeOffset NumberedAt { get; init; }

    public bool IsVolatile => Terms.Durability == SessionDurability.Volatile;

    /// <summary>All of it in one text: two states with the same text have the same future.</summary>
    public string Key => Life == Life.Absent
        ? "absent"
        : Life == Life.Ended
            ? $"ended{(EndedInMemory ? " in memory" : "")}"
            : $"version {Version}, token {Token} after {Previous}, created {Created}, access {Access} of {new TimeRange(StoredAccess, LatestAccess)}, {Terms.Durability} idle {Terms.IdleTimeout}"
                + $" lifetime {Terms.AbsoluteLifetime}, data [{Data.Show()}], operations "
                + string.Join(' ', Operations.Select(operation => $"{operation.Key}:{operation.Value.Outcome}({operation.Value.Results})"))
                + $", answered before {FirstUnanswered} at {NumberedAt.Ticks}";

    /// <summary>When it expires, at the least and at the most.</summary>
    public TimeRange Deadline => new(
        Earlier(Access.From + Terms.IdleTimeout, Created.From + Terms.AbsoluteLifetime),
        Earlier(Access.To + Terms.IdleTimeout, Created.To + Terms.AbsoluteLifetime));

    public ModelState End() => this with { Life = Life.Ended, EndedInMemory = IsVolatile };

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
