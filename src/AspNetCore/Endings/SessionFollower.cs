using System.Runtime.CompilerServices;

namespace ServerSession.AspNetCore;

/// <summary>A session by its id and verifier, and the watch that it holds.</summary>
internal sealed class SessionFollower : ISessionFollower
{
    private static readonly TimeSpan LongestTouchInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly SessionServices _services;
    private readonly SessionWatch _watch;
    private readonly VerifierHash _verifier;
    private readonly TimeSpan _touchInterval;
    private long _touchedAt = long.MinValue;
    private int _disposed;

    public SessionFollower(SessionServices services, VerifiedToken token, DateTimeOffset expiresAt, TimeSpan idleTimeout)
    {
        _services = services;
        _verifier = token.Verifier;
        _watch = services.Endings.Acquire(token.Id, token.Verifier, expiresAt);
        _touchInterval = idleTimeout / 10 < LongestTouchInterval ? idleTimeout / 10 : LongestTouchInterval;
    }

    public SessionId Id => _watch.Id;

    public CancellationToken Ended => _watch.Ended;

    public DateTimeOffset ExpiresAt => _watch.ExpiresAt;

    public void CountActivity()
    {
        var last = Volatile.Read(ref _touchedAt);
        if ((last == long.MinValue || _services.Time.GetElapsedTime(last) >= _touchInterval)
            && !Ended.IsCancellationRequested
            && Interlocked.CompareExchange(ref _touchedAt, _services.Time.GetTimestamp(), last) == last)
        {
            _ = TouchAsync();
        }
    }

    public async IAsyncEnumerable<SessionSignal> ReadSignalsAsync(TimeSpan warnBefore, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Ended);
        var warned = false;
        if (!Ended.IsCancellationRequested)
        {
            yield return new SessionSignal(SessionSignalKind.Live, ExpiresAt);
        }

        while (!Ended.IsCancellationRequested)
        {
            if (warned || Left(warnBefore) <= TimeSpan.Zero)
            {
                // Another frontend may have extended it.
                await _watch.RefreshAsync().WaitAsync(wake.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (Ended.IsCancellationRequested)
            {
                break;
            }

            var left = Left(warnBefore);
            if (left <= TimeSpan.Zero != warned)
            {
                warned = !warned;
                yield return new SessionSignal(warned ? SessionSignalKind.ExpiresSoon : SessionSignalKind.Extended, ExpiresAt);
            }

            await Task.Delay(warned ? LookAgain : Bounded(left), _services.Time, wake.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        yield return new SessionSignal(SessionSignalKind.Ended, ExpiresAt);
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _services.Endings.Release(_watch);
        }

        return default;
    }

    private TimeSpan Left(TimeSpan warnBefore) => ExpiresAt - _services.Time.GetUtcNow() - warnBefore;

    private static TimeSpan Bounded(TimeSpan wait) => wait < LeastWait ? LeastWait : wait > LongestWait ? LongestWait : wait;

    private async Task TouchAsync()
    {
        try
        {
            // A commit without changes: an access that carries no data and writes nothing. Its id has no number, because it leaves no result that the session
            // would have to forget.
            var reply = await _services.Store.CommitAsync(
                Id,
                new CommitSession { Verifier = _verifier, Operation = OperationId.New(), IssuedAt = _services.Time.GetUtcNow() },
                CancellationToken.None).ConfigureAwait(false);
            if (reply.Outcome == SessionOutcome.Committed)
            {
                _watch.Observe(_verifier, reply.ExpiresAt);
            }
            else if (reply.Outcome == SessionOutcome.Gone)
            {
                _services.Endings.End(Id);
            }
        }
        catch (Exception)
        {
            // The session cannot be reached; the store has logged it. The next activity tries again.
            Volatile.Write(ref _touchedAt, long.MinValue);
        }
    }
}
