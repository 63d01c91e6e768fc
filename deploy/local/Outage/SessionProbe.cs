using System.Diagnostics;
using System.Net;

namespace ServerSession.LocalCluster;

/// <summary>One session that is asked again and again, through one frontend after the other, as its user would.</summary>
public sealed class SessionProbe(IReadOnlyList<Uri> frontends, int index) : IDisposable
{
    /// <summary>A request that takes longer has waited for something that was not there.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private const string Good = "200";
    private const int CreateAttempts = 5;
    private static readonly TimeSpan CreatePause = TimeSpan.FromSeconds(1);

    private readonly HttpClient _client = new(new SocketsHttpHandler { CookieContainer = new CookieContainer(), UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private readonly string _value = $"value {index}";
    private int _turn = index;

    /// <summary>Gets when the last request ended that failed or was slow; null if there was none.</summary>
    public long? LastBad { get; private set; }

    /// <summary>Gets the time of the longest request.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>Gets what the longest request was answered.</summary>
    public string LongestAnswer { get; private set; } = "";

    /// <summary>Gets the number of requests whose connection was refused or broke, so that they were sent to the next frontend, as a load balancer does.</summary>
    public int Broken { get; private set; }

    /// <summary>Gets the number of requests.</summary>
    public int Requests { get; private set; }

    /// <summary>Gets the number of answers 503.</summary>
    public int Unavailable { get; private set; }

    /// <summary>Gets what must never happen: other failures, and answers without the value.</summary>
    public List<string> Faults { get; } = [];

    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var response = await _client.PutAsync(new Uri(Next(), "/session/data/probe"), new StringContent(_value), cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                return;
            }

            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || attempt == CreateAttempts)
            {
                throw new LocalClusterException($"A session could not be created ({(int)response.StatusCode}). Is every member ready? `status` tells.");
            }

            await Task.Delay(CreatePause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks until it is stopped, and once more then, so that what was done last is noticed however long it took.</summary>
    public async Task RunAsync(TimeSpan pause, CancellationToken stop)
    {
        for (var isLast = false; !isLast;)
        {
            isLast = stop.IsCancellationRequested;
            var began = Stopwatch.GetTimestamp();
            var answer = await AskAsync(mayRepeat: frontends.Count > 1).ConfigureAwait(false);
            var elapsed = Stopwatch.GetElapsedTime(began);
            if (elapsed > Longest)
            {
                (Longest, LongestAnswer) = (elapsed, answer);
            }

            Requests++;
            if (answer != Good || elapsed > Slow)
            {
                LastBad = Stopwatch.GetTimestamp();
            }

            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Asks one frontend, and the next one where the connection is refused or breaks.</summary>
    private async Task<string> AskAsync(bool mayRepeat)
    {
        try
        {
            using var response = await _client.GetAsync(new Uri(Next(), "/session/data/probe"), CancellationToken.None).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Unavailable++;
                return "503";
            }

            var body = await response.Content.ReadAsStringAsync().ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.OK && body == _value)
            {
                return Good;
            }

            Faults.Add($"{(int)response.StatusCode} {body}");
        }
        catch (HttpRequestException) when (mayRepeat)
        {
            Broken++;
            return await AskAsync(mayRepeat: false).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            Faults.Add(exception.Message);
        }

        return "a failure";
    }

    private Uri Next() => frontends[_turn++ % frontends.Count];
}
