namespace ServerSession.LocalCluster;

/// <summary>What the folder of a cluster remembers of it.</summary>
/// <param name="Options">How it was started.</param>
/// <param name="Members">Its processes, silos first.</param>
/// <param name="Servers">The names of the servers it needs; each keeps its own state in its folder.</param>
public sealed record ClusterState(ProcessClusterOptions Options, IReadOnlyList<Member> Members, IReadOnlyList<string> Servers)
{
    public ClusterState With(Member member) =>
        this with { Members = [.. Members.Select(old => old.Role == member.Role && old.Index == member.Index ? member : old)] };
}
