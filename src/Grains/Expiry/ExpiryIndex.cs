using Orleans.Runtime;
using Orleans.Storage;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// The stored index of one shard: a head row with the newest pages, and separate rows for sealed segments, so that no row grows without bound
/// and an addition writes one row.
/// </summary>
/// <remarks>
/// Every write carries an ETag, and a page is written to its new place before it leaves the old one: whichever call is the last before the process
/// dies, each id stands in at least one place that the head names. A segment's row is named by a random number that the head has announced
/// before, so that a row which was written and never listed is found again. After a write that failed the index answers nothing more and
/// has to be made again, because it does not know what is stored. All writes are made one after the other; additions that wait for the same write
/// share it.
/// </remarks>
internal sealed class ExpiryIndex(SessionStorage storage, GrainId shard, ExpirySizes sizes)
{
    private readonly AsyncLock _lock = new();
    private readonly List<Addition> _additions = [];
    private readonly ExpirySegments _rows = new(storage, shard);
    private readonly ExpiryHead _head = new(storage, shard);
    private SegmentInWork? _inWork;

    /// <summary>Whether a storage call failed: what is stored is not known any more.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Registers a page durably.</summary>
    /// <exception cref="SessionUnavailableException">It is not known to be registered.</exception>
    public async ValueTask AddAsync(ExpiryPage page)
    {
        var addition = new Addition(page);
        _additions.Add(addition);
        using var held = await _lock.EnterAsync();
        ThrowIfFailed();
        if (!addition.IsStored)
        {
            await RunAsync(StoreAdditionsAsync);
        }
    }

    /// <summary>The next page to look at: one that is due, or, in a run, one that the run has not looked at; null where there is none.</summary>
    public async ValueTask<ExpiryPage?> NextAsync(DateTimeOffset now, Guid? run)
    {
        using var held = await _lock.EnterAsync();
        ThrowIfFailed();
        ExpiryPage? found = null;
        await RunAsync(async () => found = await FindAsync(now, run));
        return found;
    }

    /// <summary>Notes what a look found, to be stored by the next <see cref="FlushAsync"/>.</summary>
    /// <param name="looked">The page as it was looked at.</param>
    /// <param name="gone">The ids that have no row and never will again.</param>
    /// <param name="dueAt">When the rest is worth the next look.</param>
    /// <param name="run">The run in which it was looked at.</param>
    public void Apply(ExpiryPage looked, IReadOnlySet<SessionId> gone, DateTimeOffset dueAt, Guid? run)
    {
        // A page that was sealed meanwhile stays as it is, and one that was given more ids is looked at again for them.
        if (_head.Open.FindIndex(page => page.Key == looked.Key) is var place and >= 0)
        {
            var present = _head.Open[place];
            var isSame = ReferenceEquals(present, looked);
            if (!isSame && present.SettledAt < dueAt)
            {
                dueAt = present.SettledAt;
            }

            _head.IsDirty = true;

            // An id may have been registered again since the look, and then stands twice: only the one that was looked at is gone.
            if ((isSame ? present.Without(gone) : present.WithoutOne(gone)) is { } rest)
            {
                _head.Open[place] = rest.Looked(dueAt, isSame ? run ?? looked.LastRun : default);
            }
            else
            {
                _head.Open.RemoveAt(place);
            }
        }
        else if (_inWork?.Pages.FindIndex(page => page.Key == looked.Key) is { } inWork and >= 0)
        {
            _inWork.Replace(inWork, looked.Without(gone)?.Looked(dueAt, run ?? looked.LastRun));
        }
    }

    /// <summary>Stores what the looks have found, and drops the rows that are empty.</summary>
    public async ValueTask FlushAsync()
    {
        using var held = await _lock.EnterAsync();
        ThrowIfFailed();
        await RunAsync(async () =>
        {
            if (_inWork is { IsDirty: true } segment)
            {
                await _rows.StoreAsync(segment);
            }

            if (_head.IsDirty)
            {
                await _head.WriteAsync(_rows);
            }

            if (_head.Garbage.Count > 0)
            {
                await DeleteGarbageAsync();
            }
        });
    }

    /// <summary>When the pages are due.</summary>
    public ExpiryBacklog Backlog() =>
        new([.. _head.Open.Select(static page => (page.DueAt, 1)), .. _head.Segments.Select(static segment => (segment.DueAt, segment.Pages))]);

    private async Task RunAsync(Func<Task> work)
    {
        try
        {
            await _head.LoadAsync();
            await work();
        }
        catch (Exception exception)
        {
            HasFailed = true;
            throw exception as SessionUnavailableException ?? new SessionUnavailableException($"Shard {shard.Key} of the clean-up index failed: {exception.Message}", exception);
        }
    }

    private void ThrowIfFailed()
    {
        if (HasFailed)
        {
            throw new SessionUnavailableException("A storage call of the clean-up index failed; the index is loaded again.");
        }
    }

    private async Task StoreAdditionsAsync()
    {
        var additions = _additions.ToArray();
        _additions.Clear();
        foreach (var addition in additions)
        {
            AddToOpen(addition.Page);
        }

        if (_head.Open.Sum(ExpiryCodec.SizeOf) > sizes.OpenBytes)
        {
            await SealAsync();
        }

        await _head.WriteAsync(_rows);
        foreach (var addition in additions)
        {
            addition.IsStored = true;
        }
    }

    private void AddToOpen(ExpiryPage page)
    {
        if (page.IsListed && _head.Open.FindIndex(other => other.IsListed && other.Listed.Length + page.Listed.Length <= sizes.ListedIds) is var place and >= 0)
        {
            _head.Open[place] = _head.Open[place].Merge(page);
        }
        else
        {
            _head.Open.Add(page);
        }
    }

    /// <summary>Moves the open pages into a segment's row. The head is written afterwards, by the caller.</summary>
    private async Task SealAsync()
    {
        for (; ; )
        {
            try
            {
                await _rows.InsertAsync(_head.Next, _head.Open);
                break;
            }
            catch (InconsistentStateException)
            {
                // Somebody wrote the row and died before the head listed it. It is not ours to list: it may have been made from an older head.
                _head.Garbage.Add(_head.Next);
                _head.Next = RowNumber.New();
                await _head.WriteAsync(_rows);
            }
        }

        _head.Segments.Add(new ExpirySegment(_head.Next) { DueAt = _head.Open.Min(static page => page.DueAt), Pages = _head.Open.Count });
        _head.Open.Clear();
        _head.Next = RowNumber.New();
    }

    private async Task<ExpiryPage?> FindAsync(DateTimeOffset now, Guid? run)
    {
        if (_inWork is { } other && other.Run != run)
        {
            other.Run = null;
            await FinishAsync(other);
            _inWork = null;
        }

        // The oldest first, so that a page that fails again and again holds nobody up.
        if (_head.Open.Where(page => IsWanted(page.DueAt, page.LastRun, now, run)).MinBy(static page => page.DueAt) is { } open)
        {
            return open;
        }

        for (; ; )
        {
            if (_inWork is null)
            {
                if (_head.Segments.Where(segment => IsWanted(segment.DueAt, segment.LastRun, now, run)).MinBy(static segment => segment.DueAt) is not { } segment)
                {
                    return null;
                }

                if (await _rows.ReadAsync(segment, run) is not { } found)
                {
                    // Its row was deleted by a process that died before it wrote the head.
                    _head.Segments.Remove(segment);
                    _head.IsDirty = true;
                    continue;
                }

                _inWork = found;
            }

            while (_inWork.Take() is { } page)
            {
                if (IsWanted(page.DueAt, page.LastRun, now, run))
                {
                    return page;
                }
            }

            await FinishAsync(_inWork);
            _inWork = null;
        }
    }

    private static bool IsWanted(DateTimeOffset dueAt, Guid lastRun, DateTimeOffset now, Guid? run) =>
        run is { } name ? lastRun != name : dueAt <= now;

    /// <summary>Every page of the segment was taken: stores the rest, or moves it into the head where little is left.</summary>
    private async Task FinishAsync(SegmentInWork segment)
    {
        var entry = segment.Entry;
        var size = segment.Pages.Sum(ExpiryCodec.SizeOf);
        _head.IsDirty = true;
        if (segment.Pages.Count == 0)
        {
            await _rows.ClearAsync(segment);
            _head.Segments.Remove(entry);
        }
        else if (size <= sizes.OpenBytes / 8 && size + _head.Open.Sum(ExpiryCodec.SizeOf) <= sizes.OpenBytes / 2)
        {
            _head.Open.AddRange(segment.Pages);
            _head.Segments.Remove(entry);
            _head.Garbage.Add(entry.Number);
        }
        else
        {
            if (segment.IsDirty)
            {
                await _rows.StoreAsync(segment);
            }

            entry.DueAt = segment.Pages.Min(static page => page.DueAt);
            entry.Pages = segment.Pages.Count;
            entry.LastRun = segment.Run ?? entry.LastRun;
        }
    }

    /// <summary>Deletes the rows that the stored head does not list as segments any more.</summary>
    private async Task DeleteGarbageAsync()
    {
        foreach (var number in _head.Garbage)
        {
            await _rows.DeleteAsync(number);
        }

        _head.Garbage.Clear();
        await _head.WriteAsync(_rows);
    }

    private sealed class Addition(ExpiryPage page)
    {
        public ExpiryPage Page => page;

        public bool IsStored { get; set; }
    }
}
