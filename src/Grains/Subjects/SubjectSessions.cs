using Orleans.Runtime;
using Orleans.Storage;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// The stored list of one subject: a head row with the newest entries and the epoch, and separate rows (segments) with the older ones, so that a sign-in
/// writes one row of bounded size however many sessions there are.
/// </summary>
/// <remarks>
/// Every write carries an ETag, and what is in memory counts only once it is stored. After a call that failed the object answers nothing more and has to
/// be made again, because it does not know what is stored. Operations run one after the other; none of them calls a session, whose grain may be waiting for this
/// list. A segment is announced in the head before it is written, so that one that was written and never listed is found and deleted.
/// </remarks>
internal sealed class SubjectSessions(SessionStorage storage, IExpiryRegistration registration, GrainId id, SubjectSizes sizes, SessionClock clock)
{
    private readonly AsyncLock _lock = new();
    private readonly SubjectSegments _segments = new(storage, id);
    private readonly SubjectHeadRow _row = new(storage, registration, id);

    /// <summary>Whether a storage call failed: what is stored is not known any more.</summary>
    public bool HasFailed { get; private set; }

    private SubjectHead Head => _row.Head;

    /// <summary>How many entries are listed, those that were ended and have not confirmed it left out where that is known without a read.</summary>
    private int Count => Head.Entries.Count(entry => !Head.IsEnded(entry.Number)) + Head.Segments.Sum(LiveIn);

    /// <summary>Whether an entry was ended, whether or not its session knows.</summary>
    public bool IsEnded(SubjectEntry entry) => Head.IsEnded(entry.Number);

    /// <summary>Lists a session, unless its caller has given up: what waited here must not take a place that nobody asks for any more.</summary>
    public Task<SubjectAddition> AddAsync(ListSession request) => RunAsync(async () =>
    {
        var now = clock.Time.GetUtcNow();
        var change = request.Change;
        if (SessionRules.HasGivenUp(request.NotAfter, now))
        {
            return new SubjectAddition(SubjectAdditionOutcome.Late);
        }

        if (request.Current != 0)
        {
            if (await FindAsync(request.Session, request.Current) is not { } present)
            {
                return new SubjectAddition(SubjectAdditionOutcome.Ended);
            }

            // Bound already: the entry stays the one that the session's row names.
            if (present.Label != change.Label && Head.Relabel(present, change.Label))
            {
                await _row.WriteAsync();
            }

            return new SubjectAddition(SubjectAdditionOutcome.Listed) { Number = present.Number };
        }

        // What the session was listed under before, it is not bound under: those tries have failed.
        var hadStale = Head.Remove(entry => entry.Session == request.Session);
        if (change.MaximumSessions > 0 && Head.Total >= change.MaximumSessions)
        {
            if (hadStale)
            {
                await _row.WriteAsync();
            }

            return new SubjectAddition(SubjectAdditionOutcome.Full) { Total = Head.Total };
        }

        if (Head.EntryBytes > sizes.HeadBytes)
        {
            await SealAsync();
        }

        var number = Math.Max(now.UtcTicks, Head.LastNumber + 1);
        Head.LastNumber = number;
        Head.Add(new SubjectEntry(request.Session, number, request.CreatedAt, change.Label) { LastSeenAt = now, ExpiresAt = request.ExpiresAt });
        await _row.WriteAsync();
        return new SubjectAddition(SubjectAdditionOutcome.Listed) { Number = number };
    });

    /// <summary>Takes entries off the list.</summary>
    public Task RemoveAsync(IReadOnlyCollection<SubjectBindingOf> bindings) => RunAsync(async () =>
    {
        var numbers = bindings.ToDictionary(static binding => binding.Number, static binding => binding.Session);
        var changed = Head.Remove(IsMeant);
        foreach (var segment in Head.Segments.Where(segment => bindings.Any(binding => Has(segment, binding.Number))).ToArray())
        {
            var entries = await _segments.ReadAsync(segment);
            if (entries.RemoveAll(IsMeant) > 0)
            {
                changed |= await StoreAsync(segment);
            }
        }

        if (changed)
        {
            await _row.WriteAsync();
        }

        return true;

        bool IsMeant(SubjectEntry entry) => numbers.TryGetValue(entry.Number, out var session) && session == entry.Session;
    });

    /// <summary>Whether a session is listed under a number, and was not ended.</summary>
    public Task<bool> HasAsync(SessionId session, long number) => RunAsync(async () => await FindAsync(session, number) is not null);

    /// <summary>The entries before a number, newest first, without those that were ended.</summary>
    public Task<(IReadOnlyList<SubjectEntry> Entries, long? Next)> PageAsync(long before, int count) => RunAsync<(IReadOnlyList<SubjectEntry>, long?)>(async () =>
    {
        List<SubjectEntry> page = [];
        foreach (var source in Sources())
        {
            if (source.Segment is { } segment && segment.First >= before)
            {
                continue;
            }

            foreach (var entry in (await source.EntriesAsync()).Reverse())
            {
                if (entry.Number >= before || Head.IsEnded(entry.Number))
                {
                    continue;
                }

                if (page.Count == count)
                {
                    return (page, page[^1].Number);
                }

                page.Add(entry);
            }
        }

        return (page, null);
    });

    /// <summary>How many sessions are listed.</summary>
    public Task<int> CountAsync() => RunAsync(() => Task.FromResult(Count));

    /// <summary>Ends all entries, but for one: decided with one write, whatever their number.</summary>
    /// <returns>The greatest number that was ended.</returns>
    public Task<long> EndThroughAsync(long kept) => RunAsync(async () =>
    {
        if (!Head.IsEmpty)
        {
            Head.EndedThrough = Head.LastNumber;
            Head.Kept = kept;
            await _row.WriteAsync();
        }

        return Head.LastNumber;
    });

    /// <summary>Entries that were ended and have not confirmed it, oldest first.</summary>
    public Task<IReadOnlyList<SubjectEntry>> EndedAsync(int most, long after) => SelectAsync(
        most, segment => segment.First <= Head.EndedThrough, entry => entry.Number > after && Head.IsEnded(entry.Number));

    /// <summary>Entries of sessions that have expired or were ended, as far as it is known here.</summary>
    public Task<IReadOnlyList<SubjectEntry>> DueAsync(DateTimeOffset now, int most) => SelectAsync(
        most, segment => segment.DueAt <= now || segment.First <= Head.EndedThrough, entry => entry.ExpiresAt <= now || Head.IsEnded(entry.Number));

    /// <summary>Entries after a number, oldest first, those that were ended included.</summary>
    public Task<IReadOnlyList<SubjectEntry>> OldestAsync(int most, long after) => SelectAsync(
        most, segment => segment.Last > after, entry => entry.Number > after);

    /// <summary>What the list needs next: the moment at which its first session expires, or none where the list is empty and its row is gone.</summary>
    public Task<ExpiryReply> FinishAsync() => RunAsync(async () =>
    {
        if (_row.Exists && Head.IsEmpty)
        {
            await _row.WriteAsync();
        }

        foreach (var segment in Head.Segments)
        {
            segment.DueAt = segment.Entries is { Count: > 0 } entries ? entries.Min(static entry => entry.ExpiresAt) : segment.DueAt;
        }

        return new ExpiryReply(!_row.Exists, SubjectCodec.DueAt(Head));
    });

    private Task<IReadOnlyList<SubjectEntry>> SelectAsync(int most, Func<SubjectSegment, bool> mayHave, Func<SubjectEntry, bool> isMeant) => RunAsync<IReadOnlyList<SubjectEntry>>(async () =>
    {
        List<SubjectEntry> found = [];
        foreach (var segment in Head.Segments.Where(mayHave).ToArray())
        {
            found.AddRange((await _segments.ReadAsync(segment)).Where(isMeant));
            if (found.Count >= most)
            {
                return found[..most];
            }
        }

        found.AddRange(Head.Entries.Where(isMeant));
        return found.Count > most ? found[..most] : found;
    });

    private async ValueTask<SubjectEntry?> FindAsync(SessionId session, long number)
    {
        if (Head.IsEnded(number))
        {
            return null;
        }

        foreach (var entry in Head.Entries)
        {
            if (IsMeant(entry))
            {
                return entry;
            }
        }

        return Head.Segments.Find(segment => Has(segment, number)) is { } segment ? (await _segments.ReadAsync(segment)).Find(IsMeant) : null;

        bool IsMeant(SubjectEntry entry) => entry.Number == number && entry.Session == session;
    }

    private static bool Has(SubjectSegment segment, long number) => segment.First <= number && number <= segment.Last;

    private int LiveIn(SubjectSegment segment)
    {
        if (segment.Entries is { } entries)
        {
            return entries.Count(entry => !Head.IsEnded(entry.Number));
        }

        return segment.Last <= Head.EndedThrough ? (Has(segment, Head.Kept) ? 1 : 0) : segment.Count;
    }

    /// <summary>Where entries stand, the newest first.</summary>
    private IEnumerable<(SubjectSegment? Segment, Func<ValueTask<IReadOnlyList<SubjectEntry>>> EntriesAsync)> Sources()
    {
        yield return (null, () => new(Head.Entries));
        foreach (var segment in Head.Segments.AsEnumerable().Reverse().ToArray())
        {
            yield return (segment, async () => await _segments.ReadAsync(segment));
        }
    }

    /// <summary>Stores a segment; true where the head has to be written after it.</summary>
    private async ValueTask<bool> StoreAsync(SubjectSegment segment)
    {
        await _segments.StoreAsync(segment);
        return segment.Count == 0 && Head.Segments.Remove(segment);
    }

    /// <summary>Moves the entries of the head into a segment. The head is written afterwards, by the caller.</summary>
    private async Task SealAsync()
    {
        var segment = SubjectSegments.New([.. Head.Entries]);
        Head.Sealing = segment.Row;
        await _row.WriteAsync();
        await _segments.StoreAsync(segment);
        Head.Sealing = 0;
        Head.Seal(segment);
    }

    private async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        using var held = await _lock.EnterAsync();
        if (HasFailed)
        {
            throw new SessionUnavailableException("A storage call for the subject's sessions failed; the list is loaded again.");
        }

        try
        {
            await _row.LoadAsync(_segments);
            return await work();
        }
        catch (Exception exception)
        {
            HasFailed = true;
            throw exception as SessionUnavailableException
                ?? (exception is InconsistentStateException
                    ? new SessionUnavailableException("Another activation wrote the list of the subject's sessions; it is loaded again.")
                    : StorageFailure.Create("The list of the subject's sessions failed.", exception));
        }
    }
}

/// <summary>A session and the number under which it is, or was, listed.</summary>
internal readonly record struct SubjectBindingOf(SessionId Session, long Number);
