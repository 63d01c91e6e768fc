using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace ServerSession.Tests;

/// <summary>A store that keeps the rules, counts its calls, and does what a test says before a call or instead of its answer.</summary>
internal sealed class ScriptedStore(IOptions<ServerSessionOptions> options, TimeProvider time) : IServerSessionStore, ISubjectStore, IDisposable
{
    private readonly InMemorySessionStore _inner = new(options, time);

    public ConcurrentQueue<string> Calls { get; } = new();

    public ConcurrentQueue<CommitSession> Commits { get; } = new();

    public ConcurrentQueue<(SessionId Id, CreateSession Request)> Creates { get; } = new();

    public ConcurrentQueue<DestroySession> Destroys { get; } = new();

    public ConcurrentQueue<OpenMode> Opens { get; } = new();

    /// <summary>Runs before the operation of that name; may wait or throw.</summary>
    public Func<string, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Replaces the answer of the operation of that name.</summary>
    public Func<string, SessionReply, SessionReply> After { get; set; } = static (_, reply) => reply;

    public int Count => _inner.Count;

    public string[] TakeCalls()
    {
        var calls = Calls.ToArray();
        Calls.Clear();
        return calls;
    }

    public async ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken)
    {
        Opens.Enqueue(mode);
        await Note("open");
        return After("open", await _inner.OpenAsync(id, verifier, mode, cancellationToken));
    }

    public async ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
    {
        Creates.Enqueue((id, request));
        await Note("create");
        return After("create", await _inner.CreateAsync(id, request, cancellationToken));
    }

    public async ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken)
    {
        Commits.Enqueue(request);
        await Note("commit");
        return After("commit", await _inner.CommitAsync(id, request, cancellationToken));
    }

    public async ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken)
    {
        Destroys.Enqueue(request);
        await Note("destroy");
        return After("destroy", await _inner.DestroyAsync(id, request, cancellationToken));
    }

    ValueTask<SubjectSecret> ISubjectStore.GetSecretAsync(CancellationToken cancellationToken) => new InMemorySubjectStore(_inner).GetSecretAsync(cancellationToken);

    ValueTask<SubjectSessionPage> ISubjectStore.ListAsync(SubjectKey subject, long? before, int count, CancellationToken cancellationToken) =>
        new InMemorySubjectStore(_inner).ListAsync(subject, before, count, cancellationToken);

    ValueTask<bool> ISubjectStore.EndOneAsync(SubjectKey subject, SessionId session, CancellationToken cancellationToken) => new InMemorySubjectStore(_inner).EndOneAsync(subject, session, cancellationToken);

    ValueTask<int> ISubjectStore.EndAsync(SubjectKey subject, SessionId? keep, CancellationToken cancellationToken) => new InMemorySubjectStore(_inner).EndAsync(subject, keep, cancellationToken);

    ValueTask ISubjectStore.EndAllAsync(CancellationToken cancellationToken) => new InMemorySubjectStore(_inner).EndAllAsync(cancellationToken);

    public void Dispose() => _inner.Dispose();

    private Task Note(string operation)
    {
        Calls.Enqueue(operation);
        return Before(operation);
    }
}
