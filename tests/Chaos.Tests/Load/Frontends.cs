using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServerSession.Tests;

/// <summary>
/// The frontends behind a balancer as simple as can be: a request goes to any of them, and to another one where nobody listens. What it sent to
/// one it does not send again. A connection that breaks before the answer is a fault, unless that frontend was being ended meanwhile.
/// </summary>
internal sealed class Frontends : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = Patience,
    };

    private readonly Uri[] _addresses;
    private readonly TimeSpan _longest;
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly FrontendEnds _ends = new();
    private long _slowest;
    private long _requests;
    private long _unavailable;
    private int _next;

    /// <param name="addresses">The frontends.</param>
    /// <param name="longest">How long a request may take.</param>
    public Frontends(IEnumerable<Uri> addresses, TimeSpan longest)
    {
        _addresses = [.. addresses];
        _longest = longest;
    }

    /// <summary>Requests that took too long, and answers that no client should ever get.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public TimeSpan Slowest => TimeSpan.FromTicks(Volatile.Read(ref _slowest));

    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Requests that were answered 503.</summary>
    public long Unavailable => Volatile.Read(ref _unavailable);

    /// <summary>A frontend is ended from now on, until the result is disposed of: its connections may break.</summary>
    public IDisposable Ends(Uri frontend) => _ends.Begin(frontend);

    public Task<Answer> DescribeAsync(string cookie) => SendAsync(HttpMethod.Get, "/session", cookie);

    public Task<Answer> ReadAsync(string cookie, string key) => SendAsync(HttpMethod.Get, $"/session/data/{key}", cookie);

    public Task<Answer> WriteAsync(string? cookie, string key, string value) => SendAsync(HttpMethod.Put, $"/session/data/{key}", cookie, value);

    public Task<Answer> RemoveAsync(string cookie, string key) => SendAsync(HttpMethod.Delete, $"/session/data/{key}", cookie);

    public Task<Answer> IncrementAsync(string cookie, string key) => SendAsync(HttpMethod.Post, $"/session/increment/{key}", cookie);

    public Task<Answer> RotateAsync(string cookie) => SendAsync(HttpMethod.Post, "/session/rotate", cookie);

    public Task<Answer> DestroyAsync(string cookie) => SendAsync(HttpMethod.Post, "/session/destroy", cookie);

    public Task<Answer> SignInAsync(string user) => SendAsync(HttpMethod.Post, $"/sign-in/{user}", null);

    public Task<Answer> SignOutAsync(string cookie) => SendAsync(HttpMethod.Post, "/sign-out", cookie);

    public Task<Answer> WhoAmIAsync(string cookie) => SendAsync(HttpMethod.Get, "/me", cookie);

    public Task<Answer> WriteNoteAsync(string cookie) => SendAsync(HttpMethod.Put, "/me", cookie, "written");

    public Task<Answer> EndAllOfClusterAsync() => SendAsync(HttpMethod.Post, "/end", null);

    public Task<Answer> StoreTicketAsync() => SendAsync(HttpMethod.Post, "/ticket", null);

    public Task<Answer> RenewTicketAsync(string cookie, string name) => SendAsync(HttpMethod.Put, "/ticket", cookie, name);

    public Task<Answer> RetrieveTicketAsync(string cookie) => SendAsync(HttpMethod.Get, "/ticket", cookie);

    public Task<Answer> RemoveTicketAsync(string cookie) => SendAsync(HttpMethod.Delete, "/ticket", cookie);

    public Task<Answer> SessionsAsync(string user) => SendAsync(HttpMethod.Get, $"/sessions/{user}", null);

    public Task<Answer> EndAllAsync(string user) => SendAsync(HttpMethod.Post, $"/sessions/{user}/end", null);

    public void Dispose() => _client.Dispose();

    private async Task<Answer> SendAsync(HttpMethod method, string path, string? cookie, string? body = null)
    {
        var (began, stalls) = (TimeProvider.System.GetTimestamp(), Stalls.Total);
        for (var attempt = 0; ; attempt++)
        {
            var address = _addresses[(uint)Interlocked.Increment(ref _next) % (uint)_addresses.Length];
            var sentAt = _ends.Now;
            using var request = new HttpRequestMessage(method, new Uri(address, path)) { Content = Content(method, body) };
            if (cookie is not null)
            {
                request.Headers.Add("Cookie", cookie);
            }

            try
            {
                using var response = await _client.SendAsync(request);
                var answer = new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(), NewCookie(response)) { RetryAfter = response.Headers.RetryAfter?.Delta };
                await NoteAsync(method, path, answer, TimeProvider.System.GetElapsedTime(began), stalls);
                return answer;
            }
            catch (HttpRequestException refused) when (refused.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } && attempt < 200)
            {
                // Nothing was sent. Where no frontend listens at all, one is being started again.
                if (attempt >= _addresses.Length)
                {
                    await Task.Delay(100);
                    (began, stalls) = (TimeProvider.System.GetTimestamp(), Stalls.Total);
                }
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException or TaskCanceledException)
            {
                if (broken is TaskCanceledException)
                {
                    _faults.Enqueue($"{method} {path} was not answered in {Patience.TotalSeconds} s");
                }
                else if (!_ends.IsEndedSince(address, sentAt))
                {
                    _faults.Enqueue($"{method} {path}: the connection to {address}, which nobody ended, broke: {broken.Message}");
                }

                return new(null, broken.Message, null);
            }
        }
    }

    /// <summary>
    /// A client repeats a request without a body by itself where the connection ends before the answer, whether it was kept or is new. What must not be
    /// applied twice therefore has a body, which nobody reads.
    /// </summary>
    private static StringContent? Content(HttpMethod method, string? body) =>
        body is null && method != HttpMethod.Post ? null : new StringContent(body ?? "once", Encoding.UTF8);

    private async Task NoteAsync(HttpMethod method, string path, Answer answer, TimeSpan took, TimeSpan stalls)
    {
        Interlocked.Increment(ref _requests);
        if (answer.Status == HttpStatusCode.ServiceUnavailable)
        {
            Interlocked.Increment(ref _unavailable);
        }

        for (long seen; took.Ticks > (seen = Volatile.Read(ref _slowest));)
        {
            Interlocked.CompareExchange(ref _slowest, took.Ticks, seen);
        }

        if (took > _longest && await Stalls.WithoutAsync(took, stalls) > _longest)
        {
            _faults.Enqueue($"{method} {path} was answered {(int?)answer.Status} after {took.TotalSeconds:0.0} s, over the bound of {_longest.TotalSeconds:0.0} s");
        }

        if (answer.Status is not (HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable))
        {
            _faults.Enqueue($"{method} {path} was answered {answer}");
        }
    }

    private static string? NewCookie(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Set-Cookie", out var cookies)
            ? cookies.Select(static cookie => cookie.Split(';')[0]).SingleOrDefault(static cookie => !cookie.EndsWith('='))
            : null;
}
