using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

/// <summary>An attempt to create a session of which nobody knows what came.</summary>
/// <param name="Token">The token that nobody was given.</param>
/// <param name="NotAfter">When no message of the attempt is accepted any more (UTC).</param>
internal sealed record AbandonedSession(VerifiedToken Token, DateTimeOffset NotAfter);

/// <summary>
/// Ends the sessions of abandoned attempts in the background, so that none of them takes a place among its user's sessions. What cannot be ended within one
/// <see cref="ServerSessionOptions.RetryBudget"/> expires by itself.
/// </summary>
internal sealed class AbandonedSessions(IServerSessionStore store, TimeProvider time, ILogger logger)
{
    /// <summary>So many at a time: in a long outage each sign-in leaves one.</summary>
    private const int Most = 1000;

    private int _count;

    /// <summary>Ends the session once the attempt cannot arrive any more. Nobody waits for it.</summary>
    public void EndLater(AbandonedSession session)
    {
        if (Interlocked.Increment(ref _count) > Most)
        {
            Interlocked.Decrement(ref _count);
            return;
        }

        _ = EndAsync(session);
    }

    private async Task EndAsync(AbandonedSession session)
    {
        try
        {
            var wait = session.NotAfter - time.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(CallBudget.WholeMilliseconds(wait), time).ConfigureAwait(false);
            }

            await store.DestroyAsync(session.Token.Id, new DestroySession { Verifier = session.Token.Verifier }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            SessionLog.AbandonedLeft(logger, session.Token.Id, exception);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
