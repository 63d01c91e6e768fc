using System.Diagnostics.CodeAnalysis;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>The changes a request has made and not yet committed. Safe for the parallel tasks of one request.</summary>
internal sealed class PendingChanges
{
    /// <summary>An overlay shows what was written; whether it fits is said by the session grain at the commit.</summary>
    private static readonly SessionLimits Unlimited = new()
    {
        KeyBytes = int.MaxValue,
        ValueBytes = int.MaxValue,
        Keys = int.MaxValue,
        TotalBytes = int.MaxValue,
    };

    private List<SessionChange>? _changes;
    private SessionTerms? _terms;
    private int _sets;
    private int _discards;

    /// <summary>Why a commit failed of which nobody knows what became; null where none did.</summary>
    public Exception? Fault { get; private set; }

    public bool IsEmpty => (_changes is null || _changes.Count == 0) && _terms is null;

    /// <summary>Whether committing would need a session: to remove from nothing is nothing.</summary>
    public bool NeedsSession => _sets > 0;

    /// <summary>Buffers a change; false where there are <paramref name="limit"/> already.</summary>
    public bool TryAdd(SessionChange change, int limit)
    {
        lock (this)
        {
            var changes = _changes ??= new(capacity: 1);
            if (changes.Count >= limit)
            {
                return false;
            }

            changes.Add(change);
            _sets += change.Kind == SessionChangeKind.Set ? 1 : 0;
            return true;
        }
    }

    public void SetTerms(SessionTerms terms) => _terms = terms;

    public Copied Copy()
    {
        lock (this)
        {
            return new(_changes is { Count: > 0 } changes ? changes.ToArray() : [], _terms, _discards);
        }
    }

    /// <summary>Drops what was copied, but for the terms where they are to be kept, and keeps what a parallel task added since.</summary>
    public void Drop(in Copied copied, bool keepTerms = false)
    {
        lock (this)
        {
            if (copied.Discards != _discards)
            {
                // What was copied is dropped already; what is here came after.
                return;
            }

            if (copied.Changes.Length > 0)
            {
                _changes!.RemoveRange(0, copied.Changes.Length);
                _sets = _changes.Count(static change => change.Kind == SessionChangeKind.Set);
            }

            if (!keepTerms && ReferenceEquals(_terms, copied.Terms))
            {
                _terms = null;
            }
        }
    }

    /// <summary>The commit of what was copied failed. Where that has been discarded since, it matters no more.</summary>
    public void NoteFault(Exception exception, in Copied copied)
    {
        lock (this)
        {
            Fault = copied.Discards == _discards ? exception : Fault;
        }
    }

    public void DropAll()
    {
        lock (this)
        {
            _changes?.Clear();
            _sets = 0;
            _terms = null;
            _discards++;
            Fault = null;
        }
    }

    /// <summary>Whether the request has a pending change of a key; if so, the value that the key has then, or null if the change removes it.</summary>
    public bool TryGetPending(string key, [MaybeNullWhen(false)] out SessionValue? value)
    {
        value = null;
        if (_changes is null)
        {
            return false;
        }

        lock (this)
        {
            for (var index = _changes.Count - 1; index >= 0; index--)
            {
                var change = _changes[index];
                if (change.Kind == SessionChangeKind.Clear)
                {
                    return true;
                }

                if (change.Key == key)
                {
                    value = change.Kind switch
                    {
                        SessionChangeKind.Set => new SessionValue(change.Value ?? default),
                        SessionChangeKind.Remove => null,
                        _ => throw new NotSupportedException($"The value after a buffered change of kind {change.Kind} is not known before the commit."),
                    };
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The data with this request's changes on top.</summary>
    public SessionData ApplyTo(SessionData data) => SessionDataEditor.Apply(data, Copy().Changes, Unlimited).Data;

    /// <summary>What was pending at one moment.</summary>
    /// <param name="Changes">The changes, in order.</param>
    /// <param name="Terms">The terms; null where they stay.</param>
    /// <param name="Discards">How often something had been discarded before.</param>
    internal readonly record struct Copied(SessionChange[] Changes, SessionTerms? Terms, int Discards);
}
