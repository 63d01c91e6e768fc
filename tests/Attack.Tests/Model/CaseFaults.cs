using System.Collections.Concurrent;
using ServerSession.Tests.Storage;

namespace ServerSession.Tests.Model;

/// <summary>What goes wrong at the store, for each session on its own.</summary>
internal sealed class CaseFaults
{
    private readonly ConcurrentDictionary<GrainId, Faults> _faults = new();

    /// <summary>The name of a silo that was stopped hard: nothing of it reaches the store any more.</summary>
    public string? DeadSilo { get; set; }

    public void Attach(SharedMemoryStore store)
    {
        store.BeforeAsync = operation => operation.SiloName == DeadSilo
            ? throw new IOException("The silo is dead.")
            : Find(operation)?.BeforeAsync(operation) ?? ValueTask.CompletedTask;
        store.AfterAsync = operation => Find(operation)?.AfterAsync(operation) ?? ValueTask.CompletedTask;
        store.Ended = operation => Find(operation)?.Ended(operation);
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
        private readonly List<(StorageOperation Operation, Task Held, TaskCompletionSource Ended)> _late = [];
        private readonly List<string> _calls = [];
        private Step.Fault? _fault;
        private int _times;
        private int _pass;
        private TaskCompletionSource _held = new();
        private TaskCompletionSource _heldInserts = new();
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private (int Call, KillPoint Point)? _kill;
        private int _count;

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

        /// <summary>Whether the store has done a change later than it was asked to, when its silo had given it up.</summary>
        public bool HasStoredLate { get; private set; }

        /// <summary>How many calls the store has had.</summary>
        public int Count => Volatile.Read(ref _count);

        /// <summary>Ends when the call has arrived at which the silo is to die.</summary>
        public Task Reached => _reached.Task;

        /// <summary>Ends when a fault has met a call, and the call has come as far as the fault lets it.</summary>
        public Task Met => _met.Task;

        /// <summary>Holds a call, counted from one, until <see cref="Die"/>.</summary>
        public void KillAt(int call, KillPoint point) => _kill = (call, point);

        /// <summary>The silo that asked is dead.</summary>
        public void Die() => _dead.TrySetResult();

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

        /// <summary>Releases, and waits until the store is through with all that was held back.</summary>
        public Task ReleaseAsync()
        {
            Task[] late;
            lock (_gate)
            {
                late = [.. _late.Where(call => call.Held == _held.Task).Select(static call => call.Ended.Task)];
            }

            Release();
            return Task.WhenAll(late).WaitAsync(TimeSpan.FromSeconds(90));
        }

        public void Ended(StorageOperation operation)
        {
            lock (_gate)
            {
                var index = _late.FindIndex(call => call.Operation == operation);
                if (index >= 0)
                {
                    _late[index].Ended.SetResult();
                    _late.RemoveAt(index);
                }
            }
        }

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
                if (++_count == _kill?.Call)
                {
                    _reached.TrySetResult();
                    _calls[^1] += $": its silo dies, {_kill.Value.Point}";
                    switch (_kill.Value.Point)
                    {
                        case KillPoint.NotDone:
                            return new ValueTask(_dead.Task.ContinueWith(_ => throw new IOException("The silo is dead."), TaskScheduler.Default));
                        case KillPoint.DoneLater:
                            HasStoredLate = true;
                            return new ValueTask(_held.Task);
                        default:
                            _after.Add((operation, FaultKind.AnswersLate, _dead.Task));
                            return ValueTask.CompletedTask;
                    }
                }

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
                if (fault.Kind is FaultKind.ArrivesLate or FaultKind.AnswersLate or FaultKind.Hangs)
                {
                    _late.Add((operation, held, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
                }

                if (fault.Kind is not (FaultKind.AnswersLate or FaultKind.LosesReply))
                {
                    _met.TrySetResult();
                }

                switch (fault.Kind)
                {
                    case FaultKind.Fails:
                        throw new IOException("The store fails.");
                    case FaultKind.ArrivesLate:
                        HasStoredLate = true;
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
                _met.TrySetResult();
                return kind == FaultKind.LosesReply ? throw new IOException("The store's reply is lost.") : new ValueTask(held);
            }
        }
    }
}
