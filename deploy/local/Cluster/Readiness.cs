using System.Net;

namespace ServerSession.LocalCluster;

/// <summary>Asks members whether they are ready.</summary>
public sealed class Readiness(StateFolder folder, TimeProvider time) : IDisposable
{
    private const int LinesOfLog = 15;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Longer than a busy machine keeps a member that is well from answering.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(15) };

    public async Task<bool> IsReadyAsync(Member member, CancellationToken cancellationToken)
    {
        if (member.Process is not { IsRunning: true, IsPaused: false })
        {
            return false;
        }

        try
        {
            using var answer = await _http.GetAsync(new Uri(member.Http, "/health/ready"), cancellationToken).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <exception cref="LocalClusterException">The member ended, or was not ready in time; the message ends with the last lines of its log.</exception>
    public async Task WaitAsync(Member member, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (!await IsReadyAsync(member, cancellationToken).ConfigureAwait(false))
        {
            if (!member.IsRunning)
            {
                throw Failed($"{member.Title} ended instead of becoming ready.");
            }

            if (time.GetElapsedTime(began) > patience)
            {
                throw Failed($"{member.Title} runs but is not ready after {patience.TotalSeconds:0} seconds.");
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }

        LocalClusterException Failed(string what) => new(string.Join(
            Environment.NewLine, [$"{what} Its log, {folder.LogOf(member.Name)}, ends with:", .. folder.LastLines(member.Name, LinesOfLog)]));
    }

    public void Dispose() => _http.Dispose();
}
