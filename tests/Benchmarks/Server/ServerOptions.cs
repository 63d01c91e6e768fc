using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Server;

/// <summary>What one server process is told.</summary>
/// <param name="Variant">A variant, or <see cref="Server.Variant.Silo"/>.</param>
/// <param name="Port">The port of its HTTP server.</param>
/// <param name="RedisPort">The port of its Redis or Garnet; 0 where it has none.</param>
/// <param name="Folder">Where it may keep files.</param>
/// <param name="SiloPort">The port of its silo; 0 takes any.</param>
/// <param name="GatewayPort">The port of its silo's gateway; 0 takes any.</param>
/// <param name="PrimaryPort">The port of the silo that keeps the cluster's membership; 0 is its own.</param>
/// <param name="Gateways">The gateways that a client may use.</param>
internal sealed record ServerOptions(
    string Variant, int Port, int RedisPort, string Folder, int SiloPort, int GatewayPort, int PrimaryPort, int[] Gateways)
{
    public static readonly string[] Names = ["port", "redis", "folder", "silo", "gateway", "primary", "gateways"];

    public static ServerOptions From(Arguments line) => new(
        line.Argument(0), line.Number("port", 5000), line.Number("redis", 0), line.Text("folder") ?? Folders.Temporary(),
        line.Number("silo", 0), line.Number("gateway", 0), line.Number("primary", 0), line.Numbers("gateways", ""));
}
