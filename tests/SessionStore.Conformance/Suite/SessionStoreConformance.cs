namespace ServerSession.Tests.Stores;

/// <summary>
/// What the middleware needs of a session store, as tests. A store derives from a class of the suite, says how it is opened and how time passes,
/// and inherits every fact. Sessions have fresh ids, so one store may serve all tests.
/// </summary>
public abstract class SessionStoreConformance : IAsyncLifetime
{
    private IServerSessionStore? _store;

    /// <summary>The clock of the store. It stands still unless the suite moves it, or at least does not run faster than time.</summary>
    protected abstract TimeProvider Time { get; }

    /// <summary>For how long after its issue an operation is accepted; one minute unless the store says otherwise.</summary>
    protected virtual TimeSpan OperationWindow => TimeSpan.FromSeconds(60);

    /// <summary>For how long after a rotation the old token counts as just replaced; ten seconds unless the store says otherwise.</summary>
    protected virtual TimeSpan RotationGrace => TimeSpan.FromSeconds(10);

    /// <summary>The limits that the store keeps.</summary>
    protected virtual SessionLimits Limits => SessionLimits.Default;

    /// <summary>The most that one call may take before its test fails and says which call it was.</summary>
    protected virtual TimeSpan CallLimit => TimeSpan.FromSeconds(30);

    /// <summary>Opens the store.</summary>
    protected abstract ValueTask<IServerSessionStore> OpenAsync();

    /// <summary>Moves the clock of the store.</summary>
    protected abstract ValueTask AdvanceAsync(TimeSpan time);

    /// <summary>Closes the store after a test.</summary>
    protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await CloseAsync();
    }

    private protected static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    /// <summary>A session that is not created yet.</summary>
    private protected StoredSession NewSession() => new(_store ?? throw new InvalidOperationException("The store is not open."), Time, CallLimit);

    /// <summary>A session that is created with these changes.</summary>
    private protected async Task<StoredSession> CreateAsync(params SessionChange[] changes)
    {
        var session = NewSession();
        Assert.Equal(SessionOutcome.Created, (await session.CreateAsync(changes)).Outcome);
        return session;
    }
}
