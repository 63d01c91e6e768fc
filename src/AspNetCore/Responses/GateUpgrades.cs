using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession.AspNetCore;

/// <summary>The other ways a response can start: an upgrade (HTTP/1.1), an extended CONNECT (HTTP/2) and a WebSocket over either.</summary>
internal sealed class GateUpgrades : IHttpUpgradeFeature, IHttpExtendedConnectFeature, IHttpWebSocketFeature
{
    private readonly ResponseGate _gate;
    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private readonly IHttpWebSocketFeature? _webSocket;

    private GateUpgrades(ResponseGate gate, IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect, IHttpWebSocketFeature? webSocket)
    {
        _gate = gate;
        _upgrade = upgrade;
        _connect = connect;
        _webSocket = webSocket;
    }

    bool IHttpUpgradeFeature.IsUpgradableRequest => _upgrade!.IsUpgradableRequest;

    bool IHttpExtendedConnectFeature.IsExtendedConnect => _connect!.IsExtendedConnect;

    string? IHttpExtendedConnectFeature.Protocol => _connect!.Protocol;

    bool IHttpWebSocketFeature.IsWebSocketRequest => _webSocket!.IsWebSocketRequest;

    /// <summary>Takes the place of those that this request can use; null, the usual case, where there is none.</summary>
    public static GateUpgrades? Install(ResponseGate gate, IFeatureCollection features)
    {
        var upgrade = features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgradable ? upgradable : null;
        var connect = features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connectable ? connectable : null;
        var webSocket = features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true } socket ? socket : null;
        if (upgrade is null && connect is null && webSocket is null)
        {
            return null;
        }

        var upgrades = new GateUpgrades(gate, upgrade, connect, webSocket);
        Set<IHttpUpgradeFeature>(features, upgrade, upgrades);
        Set<IHttpExtendedConnectFeature>(features, connect, upgrades);
        Set<IHttpWebSocketFeature>(features, webSocket, upgrades);
        return upgrades;
    }

    public void Remove(IFeatureCollection features)
    {
        Restore(features, _upgrade);
        Restore(features, _connect);
        Restore(features, _webSocket);
    }

    async Task<Stream> IHttpUpgradeFeature.UpgradeAsync()
    {
        await OpenAsync();
        return await _upgrade!.UpgradeAsync();
    }

    async ValueTask<Stream> IHttpExtendedConnectFeature.AcceptAsync()
    {
        await OpenAsync();
        return await _connect!.AcceptAsync();
    }

    async Task<WebSocket> IHttpWebSocketFeature.AcceptAsync(WebSocketAcceptContext context)
    {
        await OpenAsync();
        return await _webSocket!.AcceptAsync(context);
    }

    private async ValueTask OpenAsync()
    {
        if (!await _gate.OpenAsync())
        {
            throw new IOException("The connection is not upgraded: the session's changes could not be committed, and the client has been told so.");
        }
    }

    private static void Set<T>(IFeatureCollection features, T? inner, T outer)
        where T : class
    {
        if (inner is not null)
        {
            features.Set(outer);
        }
    }

    private void Restore<T>(IFeatureCollection features, T? inner)
        where T : class
    {
        if (inner is not null && ReferenceEquals(features.Get<T>(), this))
        {
            features.Set(inner);
        }
    }
}
