using static ServerSession.Tests.DormantSite;

namespace ServerSession.Tests;

/// <summary>A file that was written before the clean-up index existed, with the real process.</summary>
public sealed class RowsBeforeTheIndexTests
{
    /// <summary>What the log says when old rows were registered.</summary>
    private const string Registered = "sessions that were stored before the clean-up index existed are registered in it now";

    [Fact]
    public async Task Rows_of_a_file_from_before_the_index_are_registered_once_and_the_dead_leave_it()
    {
        const int Dead = 30;
        using var folder = new TempFolder();
        var site = new Site(folder.Path);
        await LeaveRowsAsync(site, (api, _) => CreateAsync(api, Dead));

        // A build without the index has left no row of it.
        StoredFile.Execute(site.DataPath, "DELETE FROM grain_state WHERE state_name LIKE 'expiry%'");
        await using (var first = await site.StartAsync(Short))
        {
            await first.WaitForOutputAsync(Registered);
            await UntilAsync(() => Rows(site, "session") == 0, () => $"the rows of dead sessions are gone: {Rows(site, "session")} are left.{Environment.NewLine}{first.Output}");
            Assert.Equal(1, Rows(site, "expiry-backfill"));
            await first.KillAsync();
        }

        // A silo looks for old rows before it sweeps, so these would be registered again if it did not know that this was done.
        await LeaveRowsAsync(site, static (api, _) => CreateAsync(api, 5));
        await using var second = await site.StartAsync(Short);
        await UntilAsync(() => Rows(site, "session") == 0, () => $"the rows of the sessions after the registration are gone.{Environment.NewLine}{second.Output}");
        Assert.DoesNotContain(Registered, second.Output, StringComparison.Ordinal);
    }
}
