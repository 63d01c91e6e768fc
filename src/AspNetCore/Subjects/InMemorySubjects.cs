using System.Security.Cryptography;

namespace ServerSession.AspNetCore;

/// <summary>The lists of users' sessions in this process. Its lock is never held while a session is ended, whose end takes it as well.</summary>
internal sealed class InMemorySubjects
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SubjectKey, SortedList<long, (SessionId Session, string? Label)>> _lists = [];
    private long _last;

    /// <summary>One session is bound at a time, so that a limit holds.</summary>
    public Lock BindLock { get; } = new();

    public SubjectSecret Secret { get; } = new(RandomNumberGenerator.GetBytes(SubjectSecret.Size));

    /// <summary>How many subjects have sessions.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _lists.Count;
            }
        }
    }

    /// <summary>Lists a session. The caller has ended older sessions before, where there is a maximum.</summary>
    public SubjectBinding Add(SubjectKey subject, SessionId session, string? label, DateTimeOffset now)
    {
        lock (_lock)
        {
            var number = Math.Max(now.UtcTicks, _last + 1);
            _last = number;
            if (!_lists.TryGetValue(subject, out var list))
            {
                _lists.Add(subject, list = []);
            }

            list.Add(number, (session, label));
            return new SubjectBinding(subject, number);
        }
    }

    public void Remove(SubjectBinding? binding)
    {
        lock (_lock)
        {
            if (binding is not null && _lists.TryGetValue(binding.Subject, out var list) && list.Remove(binding.Number) && list.Count == 0)
            {
                _lists.Remove(binding.Subject);
            }
        }
    }

    /// <summary>The sessions of a subject, oldest first.</summary>
    public (long Number, SessionId Session, string? Label)[] Of(SubjectKey subject)
    {
        lock (_lock)
        {
            return _lists.TryGetValue(subject, out var list) ? [.. list.Select(static entry => (entry.Key, entry.Value.Session, entry.Value.Label))] : [];
        }
    }
}
