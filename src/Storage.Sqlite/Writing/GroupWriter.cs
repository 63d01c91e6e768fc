using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ServerSession.Storage;

/// <summary>
/// The one writer of a file: a thread that takes everything queued, does it in one transaction with one flush to the disk, and only
/// then answers. What is queued while the disk is busy makes the next group, so there is no delay to tune. It is a separate thread because SQLite's calls
/// block: on the pool they would delay the silo.
/// </summary>
internal sealed partial class GroupWriter : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly Queue<WriteRequest> _queue = new();
    private readonly SqliteSettings _settings;
    private readonly FileWatch _watch;
    private readonly SqliteMetrics _metrics;
    private readonly ILogger _logger;
    private readonly WriteRequest[] _batch;
    private readonly WriteOutcome[] _outcomes;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LogState _log = new();
    private WriteSession? _session;
    private bool _failing;
    private bool _checkpointFailing;
    private bool _stopping;
    private long _commits;

    public GroupWriter(SqliteSettings settings, FileWatch watch, SqliteMetrics metrics, ILogger logger)
    {
        _settings = settings;
        _watch = watch;
        _metrics = metrics;
        _logger = logger;
        _batch = new WriteRequest[settings.MaxBatchSize];
        _outcomes = new WriteOutcome[settings.MaxBatchSize];
        _session = new(settings, _log);
        BeginLog();
        new Thread(Run) { IsBackground = true, Name = "SQLite writer" }.Start();
    }

    /// <summary>Gets the number of transactions committed since the file was opened.</summary>
    public long Commits => Volatile.Read(ref _commits);

    public void Enqueue(WriteRequest request)
    {
        lock (_gate)
        {
            if (!_stopping)
            {
                _queue.Enqueue(request);
                _metrics.Enqueued();
                if (_queue.Count == 1)
                {
                    Monitor.Pulse(_gate);
                }

                return;
            }
        }

        request.Fail(new SqliteGrainStorageException($"The session store '{_settings.Path}' is closed, because its silo stops."));
    }

    /// <summary>Takes no more writes; the task ends when those that were queued are on the disk, the log is empty and the connection closed.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        return new(_ended.Task);
    }

    private void Run()
    {
        while (HasWork())
        {
            Thread.Yield();
            var count = Take();
            _metrics.Taken(count);
            var batch = _batch.AsSpan(0, count);
            try
            {
                _watch.ThrowIfLost();
                if (_session is null)
                {
                    // The log that is left goes into the database file before it grows: after a full disk there may not be enough space for both.
                    _session = new(_settings, _log);
                    CheckpointWhenDue();
                }

                Commit(_session, batch);
            }
            catch (Exception error)
            {
                Fail(batch, error);
            }

            batch.Clear();
            CheckpointWhenDue();
        }

        Close();
        _ended.SetResult();
    }

    /// <summary>Waits for a write; false when there will be none any more.</summary>
    private bool HasWork()
    {
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_stopping)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            return true;
        }
    }

    private int Take()
    {
        lock (_gate)
        {
            var count = 0;
            while (count < _batch.Length && _queue.TryDequeue(out var request))
            {
                _batch[count++] = request;
            }

            return count;
        }
    }

    private void Commit(WriteSession session, ReadOnlySpan<WriteRequest> batch)
    {
        var start = TimeProvider.System.GetTimestamp();
        var writes = 0;
        session.Begin();
        for (var i = 0; i < batch.Length; i++)
        {
            if (!batch[i].IsAbandoned)
            {
                _outcomes[i] = session.Apply(batch[i]);
                writes++;
            }
        }

        session.Commit();
        _watch.ThrowIfLost();
        Volatile.Write(ref _commits, _commits + 1);
        for (var i = 0; i < batch.Length; i++)
        {
            batch[i].Complete(_outcomes[i]);
        }

        _metrics.Committed(writes, TimeProvider.System.GetElapsedTime(start));
        if (_failing)
        {
            _failing = false;
            LogRecovered(_settings.Path);
        }
    }

    // A connection whose transaction failed may be in any state, so the next group gets a fresh one; closing it rolls back.
    private void Fail(ReadOnlySpan<WriteRequest> batch, Exception error)
    {
        _metrics.Failed();
        DropSession();
        foreach (var request in batch)
        {
            request.Fail(SqliteErrors.Explain(_settings.Path, error));
        }

        if (!_failing)
        {
            _failing = true;
            LogFailed(error, _settings.Path, SqliteErrors.Explain(_settings.Path, error).Message);
        }
    }

    private void BeginLog()
    {
        try
        {
            _session!.BeginLog();
        }
        catch (SqliteException error)
        {
            // A full disk, perhaps. Nothing is lost, and the log cannot begin again before a later move succeeds.
            _checkpointFailing = true;
            LogCheckpointFailed(error, _settings.Path);
        }
    }

    private void CheckpointWhenDue()
    {
        try
        {
            if (_watch.Loss is null && _session?.CheckpointWhenDue(_settings.CheckpointPages) == true)
            {
                _checkpointFailing = false;
            }
        }
        catch (Exception error)
        {
            // Nothing is lost: what was acknowledged stays in the log, and the next commits try again.
            if (!_checkpointFailing)
            {
                _checkpointFailing = true;
                LogCheckpointFailed(error, _settings.Path);
            }
        }
    }

    private void Close()
    {
        try
        {
            if (_watch.Loss is null)
            {
                _session?.Truncate();
            }
        }
        catch (Exception error)
        {
            LogCheckpointFailed(error, _settings.Path);
        }

        DropSession();
    }

    private void DropSession()
    {
        try
        {
            _session?.Dispose();
        }
        catch (Exception error)
        {
            LogCheckpointFailed(error, _settings.Path);
        }

        _session = null;
    }
}
