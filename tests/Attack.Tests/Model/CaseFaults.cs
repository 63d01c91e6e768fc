using System.Collections.Concurrent;
using ServerSession.Tests.Storage;

namespace ServerSession.Tests.Model;

/// <summary>What goes wrong at the store, for each session on its own.</summary>
internal sealed class CaseFaults
{
    private readonly ConcurrentDictionary<GrainId, Faults> _faults = new();

    public void Attach(SharedMemoryStore store)
    {
        store.BeforeAsync = operation => Find(operation)?.BeforeAsync(operation) ?? ValueTask.CompletedTask;
        store.AfterAsync = operation => Find(operation)?.AfterAsync(operation) ?? ValueTask.CompletedTask;
    }

    public Faults Add(GrainId grain, bool merciless) => _faults[grain] = new Faults(merciless);

    public void Remove(GrainId grain) => _faults.TryRemove(grain, out _);

    private Faults? Find(StorageOperation operation) => _faults.GetValueOrDefault(operation.GrainId);

    /// <summary>What goes wrong for one session.</summary>
    /// <param name="merciless">Whether faults may follow each other at once.</param>
    /// <remarks>
    /// A session that is not stored through may have acknowledged changes that only memory has. It keeps them over a write in doubt by one
    /// more read and one more write, which the next fault therefore lets pass: storage that fails on and on while the activation is thrown
    /// away takes them, as a crash would.
    /// </remarks>
    internal sealed class Faults(bool merciless)
    {
        private const int CallsToSettle = 4;

        private readonly Lock _gate = new();
        private readonly List<(StorageOperation Operation, FaultKind Kind, Task Held)> _after = [];
        private readonly List<string> _calls = [];
        private Step.Fault? _fault;
        private int _times;
        private int _pass;
        private TaskCompletionSource _held = new();
        private TaskCompletionSource _heldInserts = new();

        /// <summary>What the store was asked and what became of it.</summary>
        public string Calls
        {
            get
            {
                lock (_gate)
                {
                    return string.Join('\n', _calls);
                }
            }
        }

        public void Arm(Step.Fault fault)
        {
            lock (_gate)
            {
                _fault = fault;
                _times = merciless ? fault.Times : 1;
            }
        }

        /// <summary>Lets everything arrive that is held back, and nothing go wrong any more.</summary>
        public void Disarm()
        {
            lock (_gate)
            {
                _fault = null;
            }

            Release();
            ReleaseInserts();
        }

        public void Release() => Interlocked.Exchange(ref _held, new TaskCompletionSource()).SetResult();

        /// <summary>
        /// Lets the inserts arrive that are held back. What the store inserts after the operation window is over can no longer be told from a
        /// session that is created then.
        /// </summary>
        public void ReleaseInserts() => Interlocked.Exchange(ref _heldInserts, new TaskCompletionSource()).SetResult();

        public ValueTask BeforeAsync(StorageOperation operation)
        {
            lock (_gate)
            {
                _calls.Add($"  {operation.Kind} with {operation.Etag ?? "no ETag"} by {operation.SiloName}");
                if (_pass > 0)
                {
                    _pass--;
                    return ValueTask.CompletedTask;
                }

                if (_fault is not { } fault || (fault.Operation is { } only && only != operation.Kind))
                {
                    return ValueTask.CompletedTask;
                }

                if (--_times == 0)
                {
                    _fault = null;
                    _pass = merciless ? 0 : CallsToSettle;
                }

                _calls[^1] += $": {fault.Kind}";
                var held = operation is { Kind: StorageOperationKind.Write, Etag: null } ? _heldInserts.Task : _held.Task;
                switch (fault.Kind)
                {
                    case FaultKind.Fails:
                        throw new IOException("The store fails.");
                    case FaultKind.ArrivesLate:
                        return new ValueTask(held);
                    case FaultKind.Hangs:
                        return new ValueTask(held.ContinueWith(_ => throw new IOException("The store hung."), TaskScheduler.Default));
                    default:
                        _after.Add((operation, fault.Kind, held));
                        return ValueTask.CompletedTask;
                }
            }
        }

        public ValueTask AfterAsync(StorageOperation operation)
        {
            lock (_gate)
            {
                _calls.Add($"  {operation.Kind} with {operation.Etag ?? "no ETag"} by {operation.SiloName} is done");
                var index = _after.FindIndex(waiting => waiting.Operation == operation);
                if (index < 0)
                {
                    return ValueTask.CompletedTask;
                }

                var (_, kind, held) = _after[index];
                _after.RemoveAt(index);
                return kind == FaultKind.LosesReply ? throw new IOException("The store's reply is lost.") : new ValueTask(held);
            }
        }
    }
}
