using System.Net;

namespace ServerSession.Tests;

/// <summary>An administrator who ends all sessions of the cluster again and again, while all of them are in use.</summary>
/// <param name="frontends">Where requests go.</param>
/// <param name="users">Whose sessions end.</param>
internal sealed class ClusterEnds(Frontends frontends, IReadOnlyList<KnownUser> users)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _over = new();
    private Task _done = Task.CompletedTask;
    private int _acknowledged;

    /// <summary>How many ends were acknowledged.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    private static long Now => TimeProvider.System.GetTimestamp();

    public void Start() => _done = Task.Run(WorkAsync);

    public async Task StopAsync()
    {
        await _over.CancelAsync();
        await _done;
        _over.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            var ends = users.Select(static user => (user, user.EndBegins(Now))).ToArray();
            var answer = await frontends.EndAllOfClusterAsync();
            if (answer.Status == HttpStatusCode.NoContent)
            {
                Interlocked.Increment(ref _acknowledged);
                foreach (var (user, end) in ends)
                {
                    user.EndAcknowledged(end, Now);
                }
            }
            else if (!answer.IsInDoubt)
            {
                users[0].Fault($"an end of all sessions of the cluster was answered {answer}");
            }

            await Task.Delay(Pause, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
