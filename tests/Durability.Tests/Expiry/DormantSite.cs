namespace ServerSession.Tests;

/// <summary>A host whose sessions end within seconds, and the rows that they leave.</summary>
internal static class DormantSite
{
    private const int Attempts = 5;

    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static readonly string[] Short =
    [
        "--ServerSession:IdleTimeout=00:00:03",
        "--ServerSession:OperationWindow=00:00:04",
        "--ServerSession:RetryBudget=00:00:01",
        "--ServerSession:StorageTimeout=00:00:01",
        "--ServerSession:Expiry:Interval=00:00:01",
        "--ServerSession:Expiry:ReservationTime=00:00:01",
    ];

    /// <summary>Leaves rows of sessions in the file of a host that was killed. On a machine that stands still they may leave before the host does; then it is done again.</summary>
    public static async Task LeaveRowsAsync(Site site, Func<SessionApi, HostProcess, Task> use)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using (var process = await site.StartAsync(Short))
            {
                using var api = new SessionApi(site.Address);
                await use(api, process);
            }

            if (Rows(site, "session") != 0)
            {
                return;
            }

            Assert.True(attempt < Attempts, "No row of a session was left, so the test shows nothing.");
        }
    }

    public static async Task CreateAsync(SessionApi api, int count)
    {
        for (; count > 0; count--)
        {
            await api.CreateAsync("name", "value");
        }
    }

    public static long Rows(Site site, string stateName) =>
        StoredFile.Scalar<long>(site.DataPath, $"SELECT count(*) FROM grain_state WHERE state_name LIKE '{stateName}'");

    /// <summary>Waits for what comes by itself; the time only ends a test that has failed.</summary>
    public static async Task UntilAsync(Func<bool> condition, Func<string> what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"It did not happen that {what()}");
            await Task.Delay(200);
        }
    }
}
