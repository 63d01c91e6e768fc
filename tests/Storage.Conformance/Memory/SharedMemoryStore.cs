using System.Globalization;

namespace ServerSession.Tests.Storage;

/// <summary>
/// The rows behind <see cref="SharedMemoryGrainStorage"/>. Give one instance to all silos of an in-process cluster and they share
/// it, as they would share a database; it outlives each of them. ETags are strict and never repeat; a clear deletes the row.
/// </summary>
public sealed class SharedMemoryStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string StateName, GrainId GrainId), Row> _rows = [];
    private readonly Dictionary<GrainId, StorageCounts> _counts = [];
    private StorageCounts _total;
    private long _etag;

    /// <summary>Gets or sets what runs when a call has arrived, before the store does anything: throw to fail it, await to delay or hang it.</summary>
    public Func<StorageOperation, ValueTask>? BeforeAsync { get; set; }

    /// <summary>Gets or sets what runs after the store did its work, before the caller hears of it: throw to lose the reply of a write that
    /// happened, await to answer late. It does not run for calls that were refused.</summary>
    public Func<StorageOperation, ValueTask>? AfterAsync { get; set; }

    /// <summary>Gets or sets what runs when the store is through with a call, however it ended. It must not throw.</summary>
    public Action<StorageOperation>? Ended { get; set; }

    /// <summary>Gets the number of rows.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _rows.Count;
            }
        }
    }

    /// <summary>Gets a copy of all rows, by grain.</summary>
    /// <exception cref="ArgumentException">A grain has several states; use <see cref="RowsOf"/>.</exception>
    public IReadOnlyDictionary<GrainId, byte[]> Rows => Copy(null);

    /// <summary>Gets the number of reads that arrived.</summary>
    public long Reads => Total.Reads;

    /// <summary>Gets the number of writes that arrived.</summary>
    public long Writes => Total.Writes;

    /// <summary>Gets the number of clears that arrived.</summary>
    public long Clears => Total.Clears;

    /// <summary>Gets all counts at one moment.</summary>
    public StorageCounts Total
    {
        get
        {
            lock (_gate)
            {
                return _total;
            }
        }
    }

    /// <summary>A copy of the rows of one state name, by grain.</summary>
    public IReadOnlyDictionary<GrainId, byte[]> RowsOf(string stateName) => Copy(stateName);

    /// <summary>How many calls arrived for one grain, over all its states.</summary>
    public StorageCounts CountsOf(GrainId grainId)
    {
        lock (_gate)
        {
            return _counts.GetValueOrDefault(grainId);
        }
    }

    internal void Arrived(in StorageOperation operation)
    {
        lock (_gate)
        {
            _total = Add(_total, operation.Kind);
            _counts[operation.GrainId] = Add(_counts.GetValueOrDefault(operation.GrainId), operation.Kind);
        }
    }

    internal (string Etag, byte[] Bytes)? Read(string stateName, GrainId grainId)
    {
        lock (_gate)
        {
            return _rows.TryGetValue((stateName, grainId), out var row) ? (row.Etag, (byte[])row.Bytes.Clone()) : null;
        }
    }

    internal string Write(string stateName, GrainId grainId, string? etag, byte[] bytes)
    {
        lock (_gate)
        {
            Check(stateName, grainId, etag);
            var next = (++_etag).ToString(CultureInfo.InvariantCulture);
            _rows[(stateName, grainId)] = new(next, bytes);
            return next;
        }
    }

    internal void Clear(string stateName, GrainId grainId, string? etag)
    {
        lock (_gate)
        {
            Check(stateName, grainId, etag);
            _rows.Remove((stateName, grainId));
        }
    }

    private static StorageCounts Add(StorageCounts counts, StorageOperationKind kind) => kind switch
    {
        StorageOperationKind.Read => counts with { Reads = counts.Reads + 1 },
        StorageOperationKind.Write => counts with { Writes = counts.Writes + 1 },
        _ => counts with { Clears = counts.Clears + 1 },
    };

    private void Check(string stateName, GrainId grainId, string? etag)
    {
        var stored = _rows.GetValueOrDefault((stateName, grainId))?.Etag;
        if (stored != etag)
        {
            throw new InconsistentStateException($"State '{stateName}' of {grainId} is not the one that the caller knows.", stored, etag);
        }
    }

    private Dictionary<GrainId, byte[]> Copy(string? stateName)
    {
        lock (_gate)
        {
            var copy = new Dictionary<GrainId, byte[]>();
            foreach (var (key, row) in _rows)
            {
                if (stateName is null || key.StateName == stateName)
                {
                    copy.Add(key.GrainId, (byte[])row.Bytes.Clone());
                }
            }

            return copy;
        }
    }

    private sealed record Row(string Etag, byte[] Bytes);
}
