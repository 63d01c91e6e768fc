namespace ServerSession.AspNetCore;

/// <summary>Stands where the sessions are in a store of the application, which keeps no lists of users.</summary>
internal sealed class UnknownSubjectStore(Type store) : ISubjectStore
{
    public ValueTask<SubjectSecret> GetSecretAsync(CancellationToken cancellationToken) => throw Error();

    public ValueTask<SubjectSessionPage> ListAsync(SubjectKey subject, long? before, int count, CancellationToken cancellationToken) => throw Error();

    public ValueTask<bool> EndOneAsync(SubjectKey subject, SessionId session, CancellationToken cancellationToken) => throw Error();

    public ValueTask<int> EndAsync(SubjectKey subject, SessionId? keep, CancellationToken cancellationToken) => throw Error();

    public ValueTask EndAllAsync(CancellationToken cancellationToken) => throw Error();

    private NotSupportedException Error() => new(
        $"The sessions are kept by {store.Name}, which keeps no lists of users' sessions. Use the cluster's store, or UseInMemoryStore() in tests.");
}
