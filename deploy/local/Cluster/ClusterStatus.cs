using System.Text.Json;

namespace ServerSession.LocalCluster;

/// <summary>What runs of a cluster.</summary>
/// <param name="Members">Its silos and frontends.</param>
/// <param name="Servers">The servers it needs.</param>
public sealed record ClusterStatus(IReadOnlyList<MemberStatus> Members, IReadOnlyList<ServerStatus> Servers)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The JSON that the command <c>status</c> prints.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Members = Members.Select(static member => new
            {
                Role = member.Role.ToString().ToLowerInvariant(),
                member.Index,
                member.Pid,
                member.Ready,
                Http = member.Http.GetLeftPart(UriPartial.Authority),
            }),
            Servers,
        },
        Json);
}

/// <summary>What runs of a member.</summary>
/// <param name="Role">Silo or frontend.</param>
/// <param name="Index">The number among those of its role, from 1.</param>
/// <param name="Pid">The process; null while none runs.</param>
/// <param name="Ready">Whether <c>/health/ready</c> answers 200.</param>
/// <param name="Http">Its HTTP address.</param>
public sealed record MemberStatus(MemberRole Role, int Index, int? Pid, bool Ready, Uri Http);

/// <summary>What runs of a server.</summary>
/// <param name="Name">For example <c>redis</c>.</param>
/// <param name="Pid">The process; null while none runs.</param>
/// <param name="Port">Its port on the loopback address.</param>
public sealed record ServerStatus(string Name, int? Pid, int Port);
