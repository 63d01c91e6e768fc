using Microsoft.AspNetCore.Components.Server.Circuits;
using ServerSession;

namespace BlazorCart;

/// <summary>The session with which a circuit was started. Components inject it; it is taken at the start of the circuit, before the first of them is made.</summary>
public sealed class CircuitSession : CircuitHandler, IAsyncDisposable
{
    private ISessionFollower? _follower;
    private CancellationTokenRegistration _end;

    /// <summary>The session, for the time after the request: every read asks it, every write is committed. Null where the user has none.</summary>
    public IBackgroundSession? Session { get; private set; }

    /// <summary>Whether there is no session, or it has ended.</summary>
    public bool IsOver => _follower is null || _follower.Ended.IsCancellationRequested;

    /// <summary>The session has ended: in this tab, in another one, or on another server. Raised once more where the browser was not connected then.</summary>
    public event Action? Ended;

    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (CircuitRequest.Current is { } request && await request.FollowSessionAsync(cancellationToken) is { } follower)
        {
            _follower = follower;
            Session = await request.GetServerSession().CreateBackgroundSessionAsync(cancellationToken);
            _end = follower.Ended.Register(() => Ended?.Invoke());
        }
    }

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (IsOver)
        {
            Ended?.Invoke();
        }

        return Task.CompletedTask;
    }

    /// <summary>Counts what the user has just done as a use of the session. That a page is open does not extend it.</summary>
    public void CountActivity() => _follower?.CountActivity();

    public async ValueTask DisposeAsync()
    {
        _end.Unregister();
        if (_follower is not null)
        {
            await _follower.DisposeAsync();
        }
    }
}
