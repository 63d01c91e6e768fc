namespace ServerSession.Tests.Support;

/// <summary>A user of the tests: binds sessions to it, and does to its list what the web tier does.</summary>
public sealed class SubjectDriver(SessionCluster cluster)
{
    public SubjectKey Key { get; } = SubjectKey.FromGrainKey(Guid.NewGuid());

    public ISubjectGrain Grain => cluster.Inner.Client.GetGrain<ISubjectGrain>(Key.ToGrainKey());

    /// <summary>How many rows of lists there are, of this user or of others.</summary>
    public int Rows => cluster.Store.RowsOf("subject").Count + cluster.Store.RowsOf("subject-segment").Count;

    public SubjectChange Change(string? label = null, int maximum = 0, SubjectLimitPolicy whenFull = SubjectLimitPolicy.RejectNewest) =>
        new() { Subject = Key, Label = label, MaximumSessions = maximum, WhenFull = whenFull };

    /// <summary>A session that is signed in.</summary>
    public async Task<SessionDriver> SignInAsync(SessionTerms? terms = null, string? label = null, int maximum = 0, SubjectLimitPolicy whenFull = SubjectLimitPolicy.RejectNewest)
    {
        var session = await cluster.CreateAsync(terms);
        var reply = await session.BindAsync(Change(label, maximum, whenFull));
        Assert.Equal(SessionOutcome.Committed, reply.Outcome);
        Assert.True(reply.IsBound);
        return session;
    }

    /// <summary>All pages of the list.</summary>
    public async Task<SubjectSession[]> ListAsync(int pageSize = 50)
    {
        List<SubjectSession> all = [];
        long? before = null;
        do
        {
            var page = await RetryAsync(() => Grain.ListAsync(before, pageSize));
            all.AddRange(page.Sessions);
            before = page.Next;
        }
        while (before is not null);
        return [.. all];
    }

    public async Task<SessionId[]> IdsAsync() => [.. (await ListAsync()).Select(static session => session.Id)];

    /// <summary>Ends all sessions, or all but one, as the web tier does: until none is left that has not confirmed it.</summary>
    public async Task<int> EndAllAsync(SessionId? keep = null)
    {
        long? through = null;
        for (var ended = 0; ;)
        {
            var request = new EndSubjectSessions { Through = through, Keep = keep };
            var reply = await RetryAsync(() => Grain.EndAsync(request));
            (through, ended) = (reply.Through, ended + reply.Ended);
            if (!reply.HasMore)
            {
                return ended;
            }
        }
    }

    /// <inheritdoc cref="SessionDriver.RetryAsync"/>
    public static Task<T> RetryAsync<T>(Func<ValueTask<T>> call) => SessionDriver.RetryAsync(call);
}
