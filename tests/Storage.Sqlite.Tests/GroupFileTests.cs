using System.Diagnostics;

namespace ServerSession.Tests.Storage;

/// <summary>A file that belongs to a group: an orchestrator gives a volume to a group (Kubernetes: fsGroup), and the process is not the file's owner.</summary>
public sealed class GroupFileTests : IDisposable
{
    private const UnixFileMode OfGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const string Account = "65534";
    private const string Group = "65531";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_of_a_file_that_its_group_may_write_leaves_it_to_the_group()
    {
        await (await TestStore.OpenAsync(_folder["sessions.db"])).DisposeAsync();
        File.SetUnixFileMode(_folder["sessions.db"], OfGroup | UnixFileMode.OtherRead);

        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);

        foreach (var file in new[] { "", "-wal", "-shm", ".lock" })
        {
            Assert.Equal(OfGroup, File.GetUnixFileMode(_folder["sessions.db"] + file));
        }
    }

    [Fact]
    public async Task Open_by_a_member_of_the_group_who_is_not_the_owner_works()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can start a process of another account.");
        await (await TestStore.OpenAsync(_folder["sessions.db"])).DisposeAsync();
        Run("chgrp", "-R", Group, _folder.Path);
        Run("chmod", "-R", "g+rwX", _folder.Path);
        Run("chmod", "g+s", _folder.Path);

        using var member = await CrashingProcess.StartAsync(_folder["sessions.db"], "", "setpriv", "--reuid", Account, "--regid", Group, "--clear-groups");

        Assert.NotEmpty(await member.KillAfterAsync(10));
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
