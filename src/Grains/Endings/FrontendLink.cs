using System.Threading.Channels;

namespace ServerSession.Grains;

/// <summary>
/// The silo's connection to one frontend. Notices gather while a message is on its way, one for each session, and a message that was not answered is sent
/// again; without notices a heartbeat is sent with every tick.
/// </summary>
internal sealed class FrontendLink(IFrontendObserver frontend, SessionWatchers watchers)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionId, SessionNoticeKind> _waiting = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private int _attached;
    private bool _leaving;
    private bool _closed;

    /// <summary>Names this link to the frontend, which notices from it that the link is silent although the silo answers, or was replaced by another.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Whether no message goes to the frontend any more.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                return _closed;
            }
        }
    }

    /// <summary>Counts a registration; false where the link is closed and a fresh one has to be made.</summary>
    public bool TryAttach()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _attached++;
            return true;
        }
    }

    public void Detach()
    {
        lock (_lock)
        {
            _attached--;
        }
    }

    /// <summary>Leaves a notice for the next message. Of several about one session the gravest is told.</summary>
    public void Post(SessionId id, SessionNoticeKind kind)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            if (_waiting.Count >= watchers.Limits.NoticesWaiting)
            {
                CloseLocked();
                return;
            }

            Merge(id, kind);
        }

        Tick();
    }

    /// <summary>Has a message sent, unless one is on its way.</summary>
    public void Tick() => _signal.Writer.TryWrite(true);

    /// <summary>Sends the notices that are left, and then that the silo stops.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _leaving = true;
        }

        Tick();
    }

    /// <summary>Sends until the link is closed: when the frontend does not answer, or nobody is registered for it any more.</summary>
    public async Task RunAsync()
    {
        var heard = watchers.Clock.GetTimestamp();
        while (await _signal.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            _signal.Reader.TryRead(out _);
            if (IsClosed)
            {
                // A signal that was left from before: the frontend may be gone.
                return;
            }

            if (!watchers.MaySend)
            {
                // The sessions may live on another silo by now: silence makes the frontend ask.
                continue;
            }

            var notices = Take();
            var last = watchers.LastNumber;
            try
            {
                var forgotten = await frontend.NotifyAsync(Id, notices).ConfigureAwait(false);
                heard = watchers.Clock.GetTimestamp();
                watchers.Forget(this, forgotten, last);
                if (IsDone())
                {
                    await frontend.LeaveAsync(Id).ConfigureAwait(false);
                    Close();
                }
            }
            catch (SessionUnavailableException)
            {
                // The answer of a frontend that stops.
                Close();
                await ConfirmAsync().ConfigureAwait(false);
                return;
            }
            catch (Exception exception)
            {
                if (watchers.Clock.GetElapsedTime(heard) > watchers.Limits.GiveUpAfter)
                {
                    watchers.NoteLost(exception);
                    Close();
                }

                PutBack(notices);
                continue;
            }

            CloseIfUnused();
        }
    }

    /// <summary>Tells a frontend that stops that nothing comes over this link any more: it waits for that.</summary>
    private async Task ConfirmAsync()
    {
        try
        {
            await frontend.LeaveAsync(Id).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It has stopped.
        }
    }

    private SessionNotice[] Take()
    {
        lock (_lock)
        {
            var notices = new SessionNotice[Math.Min(_waiting.Count, watchers.Limits.NoticesInMessage)];
            var next = 0;
            foreach (var (id, kind) in _waiting)
            {
                if (next == notices.Length)
                {
                    break;
                }

                notices[next++] = new SessionNotice(id, kind);
            }

            foreach (var notice in notices)
            {
                _waiting.Remove(notice.Id);
            }

            return notices;
        }
    }

    private void PutBack(SessionNotice[] notices)
    {
        lock (_lock)
        {
            if (!_closed)
            {
                foreach (var notice in notices)
                {
                    Merge(notice.Id, notice.Kind);
                }
            }
        }
    }

    private void Merge(SessionId id, SessionNoticeKind kind)
    {
        if (!_waiting.TryGetValue(id, out var present) || present < kind)
        {
            _waiting[id] = kind;
        }
    }

    private bool IsDone()
    {
        lock (_lock)
        {
            return _leaving && _waiting.Count == 0;
        }
    }

    private void CloseIfUnused()
    {
        lock (_lock)
        {
            if (_waiting.Count > 0)
            {
                Tick();
            }
            else if (_attached == 0)
            {
                CloseLocked();
            }
        }
    }

    private void Close()
    {
        lock (_lock)
        {
            CloseLocked();
        }
    }

    private void CloseLocked()
    {
        _closed = true;
        _waiting.Clear();
        _signal.Writer.TryComplete();
    }
}
