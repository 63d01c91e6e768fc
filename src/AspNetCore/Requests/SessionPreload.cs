using System.Runtime.ExceptionServices;

namespace ServerSession.AspNetCore;

/// <summary>
/// The load of a session that begins before its endpoint runs. A failure waits for the first use, and is every later one's: a request spends
/// one budget on a session that cannot be reached.
/// </summary>
internal sealed class SessionPreload(SessionWork work, SessionServices services)
{
    /// <summary>For how long a request waits for its session before its endpoint runs, where the endpoint is not known to use it.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private Task? _load;
    private Exception? _failure;
    private EndpointUse? _endpoint;

    public bool IsRunning => _load is { IsCompleted: false };

    /// <summary>Starts to load, and waits as long as the endpoint is known to need it.</summary>
    /// <param name="endpoint">What is known of the endpoint; null where there is none.</param>
    /// <param name="waits">Whether the endpoint asked to wait for its session however long it takes.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    public Task RunAsync(EndpointUse? endpoint, bool waits, CancellationToken cancellationToken)
    {
        _endpoint = endpoint;
        var load = LoadAsync(cancellationToken);
        if (load.IsCompletedSuccessfully)
        {
            return Task.CompletedTask;
        }

        _load = load;
        return waits || endpoint is { IsCertain: true } ? load : WaitBrieflyAsync(load);
    }

    /// <summary>Blocks the thread until the load has ended, however it ends; false where none is under way.</summary>
    public bool Wait()
    {
        if (_load is not { IsCompleted: false } load)
        {
            return false;
        }

        // Known at once, so that the next requests to the endpoint wait without a thread.
        _endpoint?.Note(used: true);
        services.BlockingLoads.Wait(load);
        return true;
    }

    /// <summary>Remembers whether the request used its session.</summary>
    public void NoteUse(bool used) => _endpoint?.Note(used);

    /// <exception cref="SessionUnavailableException">The load failed.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await work.LoadAsync(cancellationToken);
        }
        catch (SessionUnavailableException exception)
        {
            _failure = exception;
        }
    }

    private async Task WaitBrieflyAsync(Task load)
    {
        await load.WaitAsync(Patience, services.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (load.IsCompleted)
        {
            await load;
            return;
        }

        // The endpoint may block its thread, which must not be the timer's.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }
}
