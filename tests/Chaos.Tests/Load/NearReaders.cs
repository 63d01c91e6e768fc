using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>
/// Sessions whose one key holds a number. For each, one writer counts it up through the WebHosts, and readers on other frontends read it all the time from
/// their near caches. What is read may have been overwritten, with an answer, no longer before the read began than its endpoint declares: there is no margin,
/// because what is served was confirmed by a call that began before the overwriting write was answered.
/// </summary>
internal sealed class NearReaders : IAsyncDisposable
{
    private const string Key = "version";
    private const int Sessions = 4;
    private const int NearFrontends = 2;

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<string> _faults = new();
    private readonly Frontends _frontends;
    private readonly NearFrontend[] _near;
    private readonly MeterListener _listener = new();
    private readonly WrittenVersions?[] _sessions = new WrittenVersions?[Sessions];
    private volatile bool _over;
    private Task _done = Task.CompletedTask;
    private long _reads;
    private long _stale;
    private long _hits;
    private long _longest;

    private NearReaders(Frontends frontends, NearFrontend[] near)
    {
        _frontends = frontends;
        _near = near;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "server_session.near_cache.reads")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => Interlocked.Add(ref _hits, tags[0].Value is "hit" ? count : 0));
        _listener.Start();
    }

    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Reads that were served without a call.</summary>
    public long Hits => Volatile.Read(ref _hits);

    public long Reads => Volatile.Read(ref _reads);

    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{Reads} reads that may be {NearFrontend.MaxStaleness.TotalSeconds:0} s old, {Hits} of them without a call, {_stale} of a value overwritten before, the longest {TimeSpan.FromTicks(_longest).TotalSeconds:0.000} s before");

    public static async Task<NearReaders> StartAsync(ProcessCluster cluster, Frontends frontends, CancellationToken cancellationToken)
    {
        var near = await Task.WhenAll(Enumerable.Range(0, NearFrontends).Select(_ => NearFrontend.StartAsync(cluster, Key, cancellationToken)));
        var readers = new NearReaders(frontends, near);
        readers._done = Task.WhenAll(Enumerable.Range(0, Sessions).SelectMany(session =>
            near.Select(frontend => Task.Run(() => readers.ReadAsync(frontend, session))).Append(Task.Run(() => readers.WriteAsync(session)))));
        return readers;
    }

    public async Task StopAsync()
    {
        _over = true;
        await _done;
    }

    public async ValueTask DisposeAsync()
    {
        _over = true;
        await _done.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        foreach (var frontend in _near)
        {
            await frontend.DisposeAsync();
        }
    }

    private async Task WriteAsync(int number)
    {
        WrittenVersions? session = null;
        for (var version = 1L; !_over; version++)
        {
            var answer = await _frontends.WriteAsync(session?.Cookie, Key, version.ToString(CultureInfo.InvariantCulture));
            if (answer.Status == HttpStatusCode.NoContent)
            {
                session ??= new WrittenVersions(answer.Cookie!);
                session.Acknowledged(version);
                _sessions[number] = session;
            }
            else if (answer.Status != HttpStatusCode.ServiceUnavailable)
            {
                // A connection that broke: what was sent may arrive after what is sent next, so that the writer goes on with a session of its own.
                session = null;
                _sessions[number] = null;
            }

            await Task.Delay(BetweenWrites);
        }
    }

    private async Task ReadAsync(NearFrontend frontend, int number)
    {
        while (!_over)
        {
            if (_sessions[number] is { } session)
            {
                var began = TimeProvider.System.GetTimestamp();
                var answer = await frontend.ReadAsync(session.Token);
                if (answer.Status == HttpStatusCode.OK)
                {
                    Note(session, long.Parse(answer.Text, CultureInfo.InvariantCulture), began);
                }
                else if (answer.Status != HttpStatusCode.ServiceUnavailable)
                {
                    _faults.Enqueue($"a read that may be old was answered {answer}");
                }
            }

            await Task.Delay(BetweenReads);
        }
    }

    private void Note(WrittenVersions session, long version, long began)
    {
        Interlocked.Increment(ref _reads);
        if (session.OverwrittenBefore(version, began) is not { } age)
        {
            return;
        }

        Interlocked.Increment(ref _stale);
        for (long seen; age.Ticks > (seen = Volatile.Read(ref _longest));)
        {
            Interlocked.CompareExchange(ref _longest, age.Ticks, seen);
        }

        if (age >= NearFrontend.MaxStaleness)
        {
            _faults.Enqueue(string.Create(CultureInfo.InvariantCulture, $"a read that may be {NearFrontend.MaxStaleness.TotalSeconds:0} s old saw a value that had been overwritten {age.TotalSeconds:0.000} s before it began"));
        }
    }

    /// <summary>The numbers that were written into one session, and when each was answered.</summary>
    private sealed class WrittenVersions(string cookie)
    {
        private readonly Lock _lock = new();
        private readonly List<(long Version, long At)> _acknowledged = [];

        public string Cookie => cookie;

        /// <summary>The cookie without its name.</summary>
        public string Token { get; } = cookie[(cookie.IndexOf('=') + 1)..];

        public void Acknowledged(long version)
        {
            lock (_lock)
            {
                _acknowledged.Add((version, TimeProvider.System.GetTimestamp()));
            }
        }

        /// <summary>How long before a time the version had been overwritten; null where it had not.</summary>
        public TimeSpan? OverwrittenBefore(long version, long time)
        {
            lock (_lock)
            {
                var next = _acknowledged.FindIndex(written => written.Version > version);
                return next >= 0 && _acknowledged[next].At < time ? TimeProvider.System.GetElapsedTime(_acknowledged[next].At, time) : null;
            }
        }
    }
}
