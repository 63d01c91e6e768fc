using System.Net;
using static ServerSession.Tests.DormantSite;

namespace ServerSession.Tests;

/// <summary>The marks of sessions that ended right after their creation, with the real process: they leave the storage as the rows of sessions do.</summary>
public sealed class DestroyedMarkTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Marks_of_sessions_that_were_destroyed_right_after_their_creation_leave_the_storage(bool planned)
    {
        using var folder = new TempFolder();
        var site = new Site(folder.Path);
        await LeaveRowsAsync(site, async (api, process) =>
        {
            for (var number = 0; number < 5; number++)
            {
                var cookie = await api.CreateAsync("name", "value");
                await Eventually.HoldsAsync(async () => (await api.DestroyAsync(cookie)).Status == HttpStatusCode.NoContent, static () => "the session was destroyed");
            }

            if (planned)
            {
                Assert.Equal(0, await process.TerminateAsync());
            }
        });
        await using var next = await site.StartAsync(Short);
        await UntilAsync(() => Rows(site, "session") == 0, () => $"the marks are gone: {Rows(site, "session")} are left.{Environment.NewLine}{next.Output}");
        await UntilAsync(() => Rows(site, "expiry%") <= 1, () => $"the index is gone: {Rows(site, "expiry%")} rows are left.");
    }
}
