using System.Text.Json.Serialization;
using ServerSession.LocalCluster.Servers;

namespace ServerSession.LocalCluster;

/// <summary>One process of the cluster, with the ports that it keeps over restarts.</summary>
/// <param name="Role">Silo or frontend.</param>
/// <param name="Index">The number among those of its role, from 1.</param>
/// <param name="HttpPort">The HTTP port: the pages and routes of a frontend, the health addresses of a silo.</param>
/// <param name="SiloPort">The port for other silos; 0 where the process holds none.</param>
/// <param name="GatewayPort">The port for frontends; 0 where the process holds no silo.</param>
/// <param name="Process">The process that was started last; null before the first.</param>
public sealed record Member(MemberRole Role, int Index, int HttpPort, int SiloPort, int GatewayPort, ServerProcess? Process)
{
    /// <summary>Gets a value indicating whether its process runs, or is paused.</summary>
    [JsonIgnore]
    public bool IsRunning => Process is { IsRunning: true };

    /// <summary>Gets the name of its folder and its log, for example <c>silo1</c>.</summary>
    [JsonIgnore]
    public string Name => $"{Role.ToString().ToLowerInvariant()}{Index}";

    /// <summary>Gets what people call it, for example <c>silo 1</c>.</summary>
    [JsonIgnore]
    public string Title => $"{Role.ToString().ToLowerInvariant()} {Index}";

    /// <summary>Gets its HTTP address.</summary>
    [JsonIgnore]
    public Uri Http => new($"http://127.0.0.1:{HttpPort}");
}
