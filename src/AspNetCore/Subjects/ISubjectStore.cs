namespace ServerSession.AspNetCore;

/// <summary>Where the lists of users' sessions are: in the cluster, or in this process.</summary>
internal interface ISubjectStore
{
    ValueTask<SubjectSecret> GetSecretAsync(CancellationToken cancellationToken);

    ValueTask<SubjectSessionPage> ListAsync(SubjectKey subject, long? before, int count, CancellationToken cancellationToken);

    ValueTask<bool> EndOneAsync(SubjectKey subject, SessionId session, CancellationToken cancellationToken);

    ValueTask<int> EndAsync(SubjectKey subject, SessionId? keep, CancellationToken cancellationToken);

    /// <summary>Ends all sessions that there are.</summary>
    ValueTask EndAllAsync(CancellationToken cancellationToken);
}
