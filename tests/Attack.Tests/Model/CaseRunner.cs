using System.Collections.Concurrent;
using Orleans.Core.Internal;
using Orleans.Runtime.Placement;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>Plays a case against the real grain and writes down what it answers.</summary>
internal sealed class CaseRunner
{
    /// <summary>How many calls the clients may make together; what is left is for the end.</summary>
    private const int MostCalls = 44;

    private readonly ModelCluster _owner;
    private readonly Program _program;
    private readonly SessionId _id = SessionId.New();
    private readonly ISessionGrain _grain;
    private readonly GrainClock _clock;
    private readonly CaseFaults.Faults _faults;
    private readonly CaseTokens _tokens = new();
    private readonly ConcurrentQueue<Request> _underWay = new();
    private readonly OperationNumbering _numbering = new();
    private int _operations;

    public CaseRunner(ModelCluster owner, Program program)
    {
        _owner = owner;
        _program = program;
        _grain = owner.Cluster.Grain(_id);
        _clock = owner.Clocks.Add(_grain.GetGrainId());
        _faults = owner.Faults.Add(_grain.GetGrainId(), merciless: AlwaysStored(program));
        History = new History(_clock, owner.Clocks.Skew);
    }

    public History History { get; }

    public CaseFaults.Faults Faults => _faults;

    /// <summary>Where the session's activations are placed while that silo lives; null leaves it to the cluster.</summary>
    public SiloAddress? Home { get; init; }

    /// <summary>How often a client asks again, and after which pause.</summary>
    public (int Tries, TimeSpan Pause) Patience { get; init; } = (6, TimeSpan.FromMilliseconds(15));

    /// <summary>What the store saw of the session.</summary>
    public string StoreCalls => _faults.Calls;

    /// <summary>Whether the session's row outlived it, although nothing may be left behind.</summary>
    public bool LeavesRow { get; private set; }

    public async Task RunAsync()
    {
        if (Home is not null)
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, Home);
        }

        try
        {
            var create = new CreateSession
            {
                Verifier = _tokens.HashOf(0),
                Terms = _program.Terms,
                IssuedAt = _clock.Now,
                Changes = _program.Changes,
                IsIdRegistered = true,
            };
            if (_program.FirstFault is { } fault)
            {
                _faults.Arm(fault);
            }

            await SendAsync(0, new Request.Create(create));
            _faults.Release();
            await Task.WhenAll(_program.Clients.Select((steps, client) => PlayAsync(client + 1, steps, create)));
            await EndAsync();
        }
        finally
        {
            _faults.Disarm();
            _owner.Clocks.Remove(_grain.GetGrainId());
        }
    }

    private async Task PlayAsync(int client, Step[] steps, CreateSession create)
    {
        var sent = new List<Request.Commit>();
        foreach (var step in steps.TakeWhile(_ => History.Count < MostCalls))
        {
            switch (step)
            {
                case Step.Open open:
                    await AskAsync(client, new Request.Open(_tokens.Pick(open.Old), open.Peek, open.At));
                    break;
                case Step.Commit commit:
                    var request = Commit(client, commit);
                    await Task.WhenAll(AskAsync(client, request), commit.Twice ? SendAsync(client, request) : Task.CompletedTask);
                    End(request);
                    sent.Add(request);
                    break;
                case Step.Delay delay:
                    Delay(client, delay);
                    break;
                case Step.Arrive:
                    await ArriveAsync();
                    break;
                case Step.Again again when sent.Count > 0:
                    await SendAsync(client, sent[again.Which % sent.Count]);
                    break;
                case Step.CreateAgain:
                    await SendAsync(client, new Request.Create(create));
                    break;
                case Step.Destroy destroy:
                    await AskAsync(client, new Request.Destroy(destroy.Administrator ? null : _tokens.Pick(destroy.Old)));
                    break;
                case Step.Expire:
                    await AskAsync(client, new Request.Expire());
                    break;
                case Step.Drop:
                    await DropAsync(client);
                    break;
                case Step.Migrate:
                    await TryAsync(async () => await _grain.Cast<IGrainManagementExtension>().MigrateOnIdle());
                    break;
                case Step.Clock clock:
                    MoveClock(clock.By);
                    break;
                case Step.Fault fault:
                    _faults.Arm(fault);
                    break;
                case Step.Release:
                    await _faults.ReleaseAsync();
                    break;
                case Step.Meet:
                    await _faults.Met.WaitAsync(TimeSpan.FromSeconds(90));
                    break;
                case Step.Behind behind:
                    await ArrivedAsync(behind.Client);
                    break;
            }
        }
    }

    /// <summary>
    /// When everything has arrived that was under way: what every token sees, what a fresh activation sees, and whether anything is left of
    /// the session after its end.
    /// </summary>
    private async Task EndAsync()
    {
        _faults.Disarm();
        if (!_underWay.IsEmpty)
        {
            await LookAsync();
            await ArriveAsync();
        }

        await LookAsync();
        await DropAsync(0);
        await LookAsync();
        MoveClock(SessionTerms.MaximumTime);
        await SessionCluster.UntilAsync(
            async () => await TryAsync(async () => Assert.True((await _grain.ExpireIfDueAsync()).Gone)), "the session expires");
        LeavesRow = _owner.Cluster.Store.RowsOf("session").ContainsKey(_grain.GetGrainId());
    }

    private async Task LookAsync()
    {
        for (var token = 0; token < _tokens.Count; token++)
        {
            var local = new Request.Open(token, Peek: true, Step.Open.WhereItIs);
            var looked = History.Now;
            if (TryLocally(local, out var reply))
            {
                History.Add(0, local, looked, reply);
            }

            var open = new Request.Open(token, Peek: true);
            await SessionCluster.UntilAsync(async () => await AnswersAsync(open), "the session answers");
        }

        // A look without an answer changes nothing, so it needs no place in the history.
        async Task<bool> AnswersAsync(Request.Open open) => await TryAsync(async () =>
        {
            var sent = History.Now;
            History.Add(0, open, sent, await _grain.OpenAsync(_tokens.HashOf(open.Token), OpenMode.Peek));
        });
    }

    /// <summary>Waits for a call of a client to arrive at the owner: what is sent after it and need not wait for its turn has been answered.</summary>
    private async Task ArrivedAsync(int client)
    {
        await SessionCluster.UntilAsync(() => Task.FromResult(History.HasSent(client)), "the call is sent");
        await TryAsync(async () => await _grain.Cast<IAsyncEnumerableGrainExtension>().DisposeAsync(Guid.NewGuid()));
    }

    private void MoveClock(TimeSpan by)
    {
        if (by > TimeSpan.Zero)
        {
            _faults.ReleaseInserts();
        }

        _clock.Move(by);
    }

    /// <summary>Every other client is of a version that does not number its operations.</summary>
    private Request.Commit Commit(int client, Step.Commit commit)
    {
        var operation = client % 2 == 1 ? _numbering.Begin() : new NumberedOperation(OperationId.New(), FirstUnanswered: 0);
        var token = _tokens.Pick(commit.Old);
        int? next = commit.Rotate ? _tokens.Add() : null;
        var message = new CommitSession
        {
            Verifier = _tokens.HashOf(token),
            Operation = operation.Id,
            FirstUnanswered = operation.FirstUnanswered,
            IssuedAt = _clock.Now,
            NotAfter = _clock.Now + commit.Patience,
            Changes = commit.Changes,
            NewVerifier = next is { } added ? _tokens.HashOf(added) : null,
            NewTerms = commit.Terms,
            WantSnapshot = true,
            Touch = commit.Touch,
        };

        return new Request.Commit(message, Interlocked.Increment(ref _operations), token, next, commit.Twice ? Step.Open.Outside : commit.At);
    }

    /// <summary>The client does not wait any more.</summary>
    private void End(Request.Commit commit)
    {
        if (commit.Message.FirstUnanswered > 0)
        {
            _numbering.End(commit.Message.Operation.Sequence);
        }
    }

    /// <summary>Sends a message that stays on its way, as in the socket of a silo that stands still. Half of the clients do not wait for it any more.</summary>
    private void Delay(int client, Step.Delay delay)
    {
        Request request = delay.Changes is { } changes
            ? Commit(client, new Step.Commit(changes, Rotate: false, Terms: null, Old: false, Touch: true, Twice: false, Patience: delay.Patience))
            : new Request.Destroy(_tokens.Pick(old: false), _clock.Now + delay.Patience);
        History.Send(client, request);
        _underWay.Enqueue(request);
        if (request is Request.Commit { Operation: var number } given && number % 2 == 0)
        {
            End(given);
        }
    }

    /// <summary>What was on its way arrives; nobody waits for its answer.</summary>
    private async Task ArriveAsync()
    {
        while (_underWay.TryDequeue(out var request))
        {
            await TryAsync(async () => await DoAsync(request));
        }
    }

    /// <summary>Asks as a frontend does: again, with the same message, while there is no answer.</summary>
    private async Task AskAsync(int client, Request request)
    {
        for (var attempt = 0; attempt < Patience.Tries && !await SendAsync(client, request) && History.Count < MostCalls; attempt++)
        {
            await Task.Delay(Patience.Pause);
        }
    }

    private async Task<bool> SendAsync(int client, Request request)
    {
        var call = History.Send(client, request);
        try
        {
            if (request is Request.Expire)
            {
                History.Answer(call, await _grain.ExpireIfDueAsync());
            }
            else
            {
                var reply = await DoAsync(request);
                History.Answer(call, reply);
                if (request is Request.Commit { NewToken: { } token } && reply.Outcome == SessionOutcome.Committed)
                {
                    _tokens.Learn(token);
                }
            }

            return true;
        }
        catch (Exception exception) when (IsUnavailable(exception))
        {
            History.Fail(call, exception);
            return false;
        }
    }

    private ValueTask<SessionReply> DoAsync(Request request) => request switch
    {
        Request.Create create => _grain.CreateAsync(create.Message),
        Request.Open open => TryLocally(open, out var reply) ? new(reply) : _grain.OpenAsync(_tokens.HashOf(open.Token), ModeOf(open)),
        Request.Commit commit => TryLocally(commit) ?? _grain.CommitAsync(commit.Message),
        Request.Destroy destroy => _grain.DestroyAsync(new DestroySession
        {
            Verifier = destroy.Token is { } token ? _tokens.HashOf(token) : null,
            NotAfter = destroy.NotAfter,
        }),
        _ => throw new InvalidOperationException($"{request} is no call."),
    };

    /// <summary>Reads locally, as a frontend in its process does before it asks the grain.</summary>
    private bool TryLocally(Request.Open open, out SessionReply reply)
    {
        using var clock = _owner.Clocks.Use(_clock);
        foreach (var sessions in SilosAt(open.At))
        {
            if (sessions.TryOpen(_id, _tokens.HashOf(open.Token), ModeOf(open), out reply))
            {
                _owner.CountRead();
                return true;
            }
        }

        reply = default;
        return false;
    }

    /// <summary>Commits locally, as a frontend in its process does before it asks the grain.</summary>
    private ValueTask<SessionReply>? TryLocally(Request.Commit commit)
    {
        using var clock = _owner.Clocks.Use(_clock);
        foreach (var sessions in SilosAt(commit.At))
        {
            if (sessions.TryCommit(_id, commit.Message, out var reply))
            {
                _owner.CountCommit();
                return reply;
            }
        }

        return null;
    }

    private IEnumerable<ILocalSessions> SilosAt(int frontend) => frontend switch
    {
        Step.Open.Outside => [],
        Step.Open.WhereItIs => _owner.Local,
        var silo => _owner.Local.Skip(silo % _owner.Local.Count).Take(1),
    };

    private static OpenMode ModeOf(Request.Open open) => open.Peek ? OpenMode.Peek : OpenMode.Touch;

    private async Task DropAsync(int client)
    {
        History.Send(client, new Request.Drop());
        await TryAsync(async () => await _grain.Cast<IGrainManagementExtension>().DeactivateOnIdle());
    }

    private static async Task<bool> TryAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (Exception exception) when (IsUnavailable(exception))
        {
            return false;
        }
    }

    private static bool IsUnavailable(Exception exception) => exception is SessionUnavailableException or TimeoutException or OrleansException;

    private static bool AlwaysStored(Program program) =>
        program.Terms.Durability == SessionDurability.WriteThrough
        && program.Clients.All(steps => steps.OfType<Step.Commit>().All(commit => commit.Terms is null or { Durability: SessionDurability.WriteThrough }));
}
