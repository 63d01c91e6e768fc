using System.Globalization;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>The network between silo 1 and the store, or between silo 1 and the other silos in both directions, which can be cut and mended.</summary>
internal sealed class CutNetwork : IAsyncDisposable
{
    private readonly IReadOnlyList<TcpProxy> _ways;

    private CutNetwork(IReadOnlyList<TcpProxy> ways) => _ways = ways;

    /// <summary>Gets how many times a cut held something that was on its way.</summary>
    public long Held => _ways.Sum(static way => way.Held);

    /// <summary>Restarts silo 1 so that its way to the store can be cut.</summary>
    public static async Task<CutNetwork> FromStoreAsync(ProcessCluster cluster, CancellationToken cancellationToken)
    {
        var store = cluster.Servers.Single().Port;
        var way = new TcpProxy(store);
        await cluster.StopAsync(MemberRole.Silo, 1, cancellationToken);
        await cluster.ChangeSettingsAsync(
            MemberRole.Silo,
            1,
            settings =>
            {
                foreach (var (key, value) in settings.ToArray())
                {
                    settings[key] = value.Replace($":{store}", $":{way.Port}", StringComparison.Ordinal);
                }
            },
            cancellationToken);
        await cluster.StartAsync(MemberRole.Silo, 1, cancellationToken);
        return new([way]);
    }

    /// <summary>
    /// Restarts all silos so that the ways between silo 1 and the others can be cut. Two silos use the connection that either of them has made, so
    /// that the ways from silo 1 have to be cut as well as those to it; the others go on reaching each other.
    /// </summary>
    public static async Task<CutNetwork> FromSilosAsync(ProcessCluster cluster, CancellationToken cancellationToken)
    {
        Member[] silos = [.. cluster.Members.Where(static member => member.Role == MemberRole.Silo)];
        var ways = silos.Select(silo => new TcpProxy(silo.SiloPort, silo.Index == 1 ? null : IsFromSilo1)).ToArray();

        // A silo that was cut off from the store may just have read that it was declared dead, and ended.
        await Task.WhenAll(silos.Where(static silo => silo.IsRunning).Select(silo => cluster.StopAsync(silo.Role, silo.Index, cancellationToken)));
        foreach (var (silo, way) in silos.Zip(ways))
        {
            // It listens where it did; what it tells the others is the proxy's port.
            await cluster.ChangeSettingsAsync(
                silo.Role, silo.Index, settings => settings["Orleans:Endpoints:SiloPort"] = way.Port.ToString(CultureInfo.InvariantCulture), cancellationToken);
            await cluster.LaunchAsync(silo.Role, silo.Index, cancellationToken);
        }

        await Task.WhenAll(silos.Select(silo => cluster.WaitUntilReadyAsync(silo.Role, silo.Index, cancellationToken)));
        return new(ways);

        bool IsFromSilo1(int port) => cluster.Member(MemberRole.Silo, 1).Process is { } process && process.ConnectsFrom(port);
    }

    public void Cut()
    {
        foreach (var way in _ways)
        {
            way.Cut();
        }
    }

    public void Mend()
    {
        foreach (var way in _ways)
        {
            way.Mend();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var way in _ways)
        {
            await way.DisposeAsync();
        }
    }
}
