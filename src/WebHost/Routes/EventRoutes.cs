using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace ServerSession.WebHost;

/// <summary>
/// What becomes of the session, as Server-Sent Events: <c>live</c> and <c>extended</c> with the seconds that are left, <c>expires-soon</c> a minute
/// before the session expires, <c>ended</c>. A page that is open does not keep the session alive by listening.
/// </summary>
internal static class EventRoutes
{
    /// <summary>How long before the session expires it is said that it will.</summary>
    private static readonly TimeSpan Warning = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);

    public static void MapEvents(this IEndpointRouteBuilder routes) => routes.MapGet("/session/events", ListenAsync).WithSessionPeek();

    private static async Task<IResult> ListenAsync(
        HttpContext context, EventStreams streams, TimeProvider time, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var follower = await context.FollowSessionAsync(cancellationToken).ConfigureAwait(false);
        if (follower is not null && !streams.TryOpen(follower.Id))
        {
            await follower.DisposeAsync().ConfigureAwait(false);
            return Problem.TooManyStreams();
        }

        return TypedResults.ServerSentEvents(EventsAsync(follower, streams, time, lifetime.ApplicationStopping, cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(
        ISessionFollower? follower, EventStreams streams, TimeProvider time, CancellationToken stopping, [EnumeratorCancellation] CancellationToken aborted)
    {
        if (follower is null)
        {
            // Also where it ended while the page was not connected.
            yield return Item("ended", TimeSpan.Zero);
            yield break;
        }

        await using (follower.ConfigureAwait(false))
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping);
            try
            {
                var signals = follower.ReadSignalsAsync(Warning, stop.Token).GetAsyncEnumerator(CancellationToken.None);
                await using (signals.ConfigureAwait(false))
                {
                    while (await NextAsync(signals).ConfigureAwait(false))
                    {
                        var signal = signals.Current;
                        yield return Item(Name(signal.Kind), signal.Kind == SessionSignalKind.Ended ? TimeSpan.Zero : signal.ExpiresAt - time.GetUtcNow());
                    }
                }
            }
            finally
            {
                streams.Close(follower.Id);
            }
        }
    }

    /// <summary>False at the end, and where the host stops or the page has gone: the stream ends as if there was nothing more to say.</summary>
    private static async Task<bool> NextAsync(IAsyncEnumerator<SessionSignal> signals)
    {
        try
        {
            return await signals.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static SseItem<string> Item(string name, TimeSpan left) =>
        new(Math.Max(0, Math.Floor(left.TotalSeconds)).ToString(CultureInfo.InvariantCulture), name) { ReconnectionInterval = Reconnect };

    private static string Name(SessionSignalKind kind) => kind switch
    {
        SessionSignalKind.Live => "live",
        SessionSignalKind.ExpiresSoon => "expires-soon",
        SessionSignalKind.Extended => "extended",
        SessionSignalKind.Ended => "ended",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The signal is unknown."),
    };
}
