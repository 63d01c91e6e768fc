using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Tests.Sessions;

/// <summary>The rows of one storage, strict about ETags, with a hook before and one after each change or read.</summary>
internal sealed class MemoryRows : IGrainStorage
{
    private readonly Lock _gate = new();
    private readonly Dictionary<GrainId, (byte[] Bytes, string ETag)> _rows = [];
    private int _etag;

    /// <summary>Runs before the store does anything, with "read", "write" or "clear": throw to fail the call, wait to hold it.</summary>
    public Func<string, Task>? BeforeAsync { get; set; }

    /// <summary>Runs after the store has done it: throw to lose the answer.</summary>
    public Action<string>? After { get; set; }

    /// <summary>The calls so far.</summary>
    public List<string> Calls { get; } = [];

    public byte[]? Of(GrainId id)
    {
        lock (_gate)
        {
            return _rows.TryGetValue(id, out var row) ? row.Bytes : null;
        }
    }

    /// <summary>Writes the row behind its activation's back.</summary>
    public void Put(GrainId id, byte[] bytes)
    {
        lock (_gate)
        {
            _rows[id] = (bytes, NextETag());
        }
    }

    public void LoseNextAnswer(string call) => After = done =>
    {
        if (done == call)
        {
            After = null;
            throw new IOException("The answer is lost.");
        }
    };

    public void FailNext(string call) => BeforeAsync = begun =>
    {
        if (begun != call)
        {
            return Task.CompletedTask;
        }

        BeforeAsync = null;
        throw new IOException("The store has failed.");
    };

    /// <summary>Holds the next call of a kind: it has arrived once <c>Arrived</c> ends, and goes on when <c>Release</c> is set.</summary>
    public (Task Arrived, TaskCompletionSource Release) HoldNext(string call)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        BeforeAsync = begun =>
        {
            if (begun != call)
            {
                return Task.CompletedTask;
            }

            BeforeAsync = null;
            arrived.SetResult();
            return release.Task;
        };
        return (arrived.Task, release);
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => RunAsync("read", () =>
    {
        grainState.RecordExists = _rows.TryGetValue(grainId, out var row);
        grainState.ETag = row.ETag;
        Payload(grainState).Bytes = row.Bytes ?? [];
    });

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => RunAsync("write", () =>
    {
        Check(grainId, grainState.ETag);
        var row = (Payload(grainState).Bytes, NextETag());
        _rows[grainId] = row;
        grainState.ETag = row.Item2;
        grainState.RecordExists = true;
    });

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => RunAsync("clear", () =>
    {
        Check(grainId, grainState.ETag);
        _rows.Remove(grainId);
        grainState.ETag = null!;
        grainState.RecordExists = false;
    });

    private static StoredPayload Payload<T>(IGrainState<T> state) => (StoredPayload)(object)state.State!;

    private async Task RunAsync(string call, Action run)
    {
        if (BeforeAsync is { } before)
        {
            await before(call);
        }

        lock (_gate)
        {
            Calls.Add(call);
            run();
        }

        After?.Invoke(call);
    }

    private void Check(GrainId id, string? etag)
    {
        var stored = _rows.TryGetValue(id, out var row) ? row.ETag : null;
        if (stored != etag)
        {
            throw new InconsistentStateException($"The row has the ETag {stored ?? "none"}, not {etag ?? "none"}.");
        }
    }

    private string NextETag() => (++_etag).ToString(CultureInfo.InvariantCulture);
}
