using ServerSession.LocalCluster.Servers;

namespace ServerSession.LocalCluster;

/// <summary>Decides which members a cluster has, and gives each its ports.</summary>
public static class ClusterPlan
{
    private const int PortsOfMember = 3;

    public static IReadOnlyList<Member> Make(ProcessClusterOptions options)
    {
        var silos = options.Cohosted ? 0 : options.Silos;
        var ports = new Queue<int>(FreePort.Take(PortsOfMember * (silos + options.WebHosts)));
        var members = new List<Member>();
        for (var i = 1; i <= silos; i++)
        {
            members.Add(WithSilo(MemberRole.Silo, i, ports));
        }

        for (var i = 1; i <= options.WebHosts; i++)
        {
            members.Add(options.Cohosted ? WithSilo(MemberRole.WebHost, i, ports) : new Member(MemberRole.WebHost, i, ports.Dequeue(), 0, 0, null));
        }

        return members;
    }

    private static Member WithSilo(MemberRole role, int index, Queue<int> ports) =>
        new(role, index, ports.Dequeue(), ports.Dequeue(), ports.Dequeue(), null);
}
