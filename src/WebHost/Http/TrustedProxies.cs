using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace ServerSession.WebHost;

/// <summary>
/// Believes the scheme, host and address that a proxy reports (<c>X-Forwarded-Proto</c>, <c>-Host</c>, <c>-For</c>), where the request comes from
/// one of the proxies in <c>ServerSession:TrustedProxies</c>; from anybody else they are ignored.
/// </summary>
internal static class TrustedProxies
{
    public const string Key = "ServerSession:TrustedProxies";

    /// <summary>Reads the proxies, each an address or a network, and reports those that are neither when the host starts.</summary>
    public static void AddTrustedProxies(this WebApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetSection(Key).GetChildren().Select(static child => (child.Path, Text: child.Value ?? "")).ToArray();
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            if (settings.Length == 0)
            {
                return;
            }

            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedProto;
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var (_, text) in settings)
            {
                if (Read(text) is { } network)
                {
                    options.KnownIPNetworks.Add(network);
                }
            }
        });
        var check = builder.Services.AddOptions<Proxies>();
        foreach (var (path, text) in settings)
        {
            check.Validate(_ => Read(text) is not null, $"{path} is \"{text}\"; write the address of a proxy, such as 10.0.0.5, or of its network, such as 10.0.0.0/8.");
        }

        check.ValidateOnStart();
    }

    /// <summary>Puts what trusted proxies report in place of the connection's own.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        if (app.Configuration.GetSection(Key).Exists())
        {
            app.UseForwardedHeaders();
        }
    }

    private static IPNetwork? Read(string text) =>
        IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(text, out var network) ? network
        : null;

    private sealed class Proxies;
}
