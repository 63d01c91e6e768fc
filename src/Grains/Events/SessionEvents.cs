using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>Brings a silo's session events to its handlers, in order, outside the session's lock.</summary>
internal sealed partial class SessionEvents(IEnumerable<ISessionEventHandler> handlers, ILogger<SessionEvents> logger)
    : ISessionObserver, ILifecycleParticipant<ISiloLifecycle>
{
    private const int Capacity = 10_000;

    private readonly ISessionEventHandler[] _handlers = [.. handlers];
    private readonly Channel<SessionEvent> _channel = Channel.CreateBounded<SessionEvent>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private Task _running = Task.CompletedTask;

    public void Created(in ObservedSession session) => Post(new SessionEvent(SessionEventKind.Created, session.Id, default));

    public void Ended(SessionId id, SessionEndReason reason) => Post(new SessionEvent(SessionEventKind.Ended, id, reason));

    public void StaleToken(SessionId id, bool graceIsOver)
    {
        if (graceIsOver)
        {
            Post(new SessionEvent(SessionEventKind.StaleToken, id, default));
        }
    }

    public void Bound(SessionId id, SubjectKey subject) => Post(new SessionEvent(SessionEventKind.Bound, id, default, subject));

    public void Unbound(SessionId id, SubjectKey subject) => Post(new SessionEvent(SessionEventKind.Unbound, id, default, subject));

    public void Rotated(in ObservedSession session) => Post(new SessionEvent(SessionEventKind.Rotated, session.Id, default));

    public void SubjectLimitReached(SessionId id, SubjectKey subject, SubjectLimitPolicy policy) => Post(new SessionEvent(SessionEventKind.SubjectLimit, id, default, subject, policy));

    /// <summary>Calls the member of a handler that an event is for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The kind of the event is not known; no member is called.</exception>
    internal static ValueTask DispatchAsync(ISessionEventHandler handler, SessionEvent sessionEvent) => sessionEvent.Kind switch
    {
        SessionEventKind.Created => handler.OnCreatedAsync(sessionEvent.Id, CancellationToken.None),
        SessionEventKind.Ended => handler.OnEndedAsync(sessionEvent.Id, sessionEvent.Reason, CancellationToken.None),
        SessionEventKind.StaleToken => handler.OnStaleTokenAsync(sessionEvent.Id, CancellationToken.None),
        SessionEventKind.Bound => handler.OnBoundAsync(sessionEvent.Id, sessionEvent.Subject, CancellationToken.None),
        SessionEventKind.Unbound => handler.OnUnboundAsync(sessionEvent.Id, sessionEvent.Subject, CancellationToken.None),
        SessionEventKind.Rotated => handler.OnRotatedAsync(sessionEvent.Id, CancellationToken.None),
        SessionEventKind.SubjectLimit => handler.OnSubjectLimitAsync(sessionEvent.Id, sessionEvent.Subject, sessionEvent.Policy, CancellationToken.None),
        _ => throw new ArgumentOutOfRangeException(nameof(sessionEvent), sessionEvent.Kind, "Not an event of a session."),
    };

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(SessionEvents), ServiceLifecycleStage.RuntimeInitialize, StartAsync, StopAsync);

    private void Post(SessionEvent sessionEvent)
    {
        if (_handlers.Length > 0 && !_channel.Writer.TryWrite(sessionEvent))
        {
            LogDropped(logger, sessionEvent.Id);
        }
    }

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        _channel.Writer.TryComplete();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync()
    {
        await foreach (var sessionEvent in _channel.Reader.ReadAllAsync())
        {
            foreach (var handler in _handlers)
            {
                try
                {
                    await DispatchAsync(handler, sessionEvent);
                }
                catch (Exception exception)
                {
                    LogHandlerFailed(logger, exception, handler.GetType());
                }
            }
        }
    }
}
