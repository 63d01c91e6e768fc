using System.Text.Json;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>The command line of the local cluster, run in this process on one folder.</summary>
internal sealed class ClusterTool(string folder)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Runs a command and returns what it printed, and after that what it told of its progress.</summary>
    public async Task<(string Output, string Progress)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(), progress = new();
        await new Commands(CommandLine.Parse([.. arguments, "--dir", folder]), TextWriter.Synchronized(output), TextWriter.Synchronized(progress), TimeProvider.System)
            .RunAsync(TestContext.Current.CancellationToken);
        return (output.ToString(), progress.ToString());
    }

    /// <summary>What a command that is refused tells.</summary>
    public async Task<string> RefusedAsync(params string[] arguments) => (await Assert.ThrowsAsync<LocalClusterException>(() => RunAsync(arguments))).Message;

    /// <summary>What <c>status</c> prints, read as a script would read it.</summary>
    public async Task<Seen> StatusAsync() => Seen.Read((await RunAsync("status")).Output);

    /// <summary>The documented form of <c>status</c>.</summary>
    public sealed record Seen(IReadOnlyList<SeenMember> Members, IReadOnlyList<SeenServer> Servers)
    {
        public IEnumerable<int> Processes => Members.Select(static member => member.Pid).Concat(Servers.Select(static server => server.Pid)).OfType<int>();

        public static Seen Read(string json) => JsonSerializer.Deserialize<Seen>(json, Json)!;

        public SeenMember Member(string role, int index) => Members.Single(member => member.Role == role && member.Index == index);
    }

    public sealed record SeenMember(string Role, int Index, int? Pid, bool Ready, string Http);

    public sealed record SeenServer(string Name, int? Pid, int Port);
}
