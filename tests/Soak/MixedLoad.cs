using System.Collections.Concurrent;
using System.Net;
using ServerSession.Tests;

namespace ServerSession.Soak;

/// <summary>Users who create, read, write, rotate, destroy and abandon sessions until they are told to stop.</summary>
internal sealed class MixedLoad(SessionApi api, int users, int population)
{
    private const int Parts = 200;
    private static readonly string Value = new('x', 200);

    // First in, first out: a session that waits longer than its idle timeout would expire in its user's hands.
    private readonly ConcurrentQueue<string> _waiting = new();
    private volatile bool _over;
    private long _requests;
    private long _created;
    private long _rotated;
    private long _destroyed;
    private long _abandoned;
    private long _unexpected;
    private string? _firstUnexpected;

    public long Requests => Volatile.Read(ref _requests);

    public long Created => Volatile.Read(ref _created);

    public long Rotated => _rotated;

    public long Destroyed => _destroyed;

    public long Abandoned => _abandoned + _waiting.Count;

    /// <summary>Gets the number of answers that a healthy server does not give.</summary>
    public long Unexpected => _unexpected;

    public string? FirstUnexpected => _firstUnexpected;

    public async Task RunAsync(TimeSpan time)
    {
        var work = Task.WhenAll(Enumerable.Range(0, users).Select(_ => Task.Run(WorkAsync)));
        await Task.Delay(time);
        _over = true;
        await work;
    }

    private async Task WorkAsync()
    {
        var random = new Random();
        while (!_over)
        {
            if (_waiting.Count < population || !_waiting.TryDequeue(out var cookie))
            {
                var created = await api.WriteAsync(null, "value", Value);
                if (Note(created, HttpStatusCode.NoContent))
                {
                    Interlocked.Increment(ref _created);
                    _waiting.Enqueue(created.Cookie!);
                }
            }
            else if (await StepAsync(cookie, random.Next(Parts)) is { } next)
            {
                _waiting.Enqueue(next);
            }
        }
    }

    /// <summary>One request with a session; the cookie that its user has afterwards, or null if the session was ended or left alone.</summary>
    private async Task<string?> StepAsync(string cookie, int part)
    {
        switch (part)
        {
            case < 80:
                Note(await api.ReadAsync(cookie, "value"), HttpStatusCode.OK);
                return cookie;
            case < 120:
                Note(await api.WriteAsync(cookie, "value", Value), HttpStatusCode.NoContent);
                return cookie;
            case < 150:
                Note(await api.IncrementAsync(cookie, "counter"), HttpStatusCode.OK);
                return cookie;
            case < 160:
                var rotated = await api.RotateAsync(cookie);
                Interlocked.Increment(ref _rotated);
                return Note(rotated, HttpStatusCode.NoContent) ? rotated.Cookie : null;
            case < 170:
                Note(await api.DestroyAsync(cookie), HttpStatusCode.NoContent);
                Interlocked.Increment(ref _destroyed);
                return null;
            default:
                Interlocked.Increment(ref _abandoned);
                return null;
        }
    }

    private bool Note(Answer answer, HttpStatusCode expected)
    {
        Interlocked.Increment(ref _requests);
        if (answer.Status == expected)
        {
            return true;
        }

        Interlocked.Increment(ref _unexpected);
        Interlocked.CompareExchange(ref _firstUnexpected, answer.ToString(), null);
        return false;
    }
}
