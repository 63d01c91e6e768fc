using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace ServerSession.Hosting;

/// <summary>
/// Reports endpoints that Orleans would silently replace by its defaults, and ports that another process has: a second host on the same
/// machine is the usual reason.
/// </summary>
public sealed class SiloEndpointValidator(IConfiguration configuration) : IValidateOptions<SessionSiloOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionSiloOptions options)
    {
        List<string> errors = [];
        var silo = CheckPort(errors, OrleansKeys.SiloPort, EndpointOptions.DEFAULT_SILO_PORT, least: 1);
        var gateway = CheckPort(errors, OrleansKeys.GatewayPort, EndpointOptions.DEFAULT_GATEWAY_PORT, least: 0);
        var address = CheckAddress(errors);
        CheckEndpoint(errors, OrleansKeys.SiloListeningEndpoint);
        CheckEndpoint(errors, OrleansKeys.GatewayListeningEndpoint);
        if (errors.Count == 0 && silo == gateway)
        {
            errors.Add($"{OrleansKeys.SiloPort} and {OrleansKeys.GatewayPort} are both {silo}: give each a separate port.");
        }

        if (errors.Count == 0)
        {
            CheckFree(errors, OrleansKeys.SiloPort, OrleansKeys.SiloListeningEndpoint, new IPEndPoint(address, silo));
            CheckFree(errors, OrleansKeys.GatewayPort, OrleansKeys.GatewayListeningEndpoint, new IPEndPoint(address, gateway));
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private int CheckPort(List<string> errors, string key, int defaultPort, int least)
    {
        var text = configuration[key];
        if (string.IsNullOrEmpty(text))
        {
            return defaultPort;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port >= least && port <= IPEndPoint.MaxPort)
        {
            return port;
        }

        errors.Add($"{key} is \"{text}\"; write a port number from {least} to {IPEndPoint.MaxPort} (default {defaultPort}).");
        return defaultPort;
    }

    private IPAddress CheckAddress(List<string> errors)
    {
        var text = configuration[OrleansKeys.AdvertisedIPAddress];
        if (string.IsNullOrEmpty(text))
        {
            return configuration.GetSection(OrleansKeys.Clustering).Exists() ? IPAddress.Any : IPAddress.Loopback;
        }

        if (IPAddress.TryParse(text, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
        {
            return address;
        }

        errors.Add($"{OrleansKeys.AdvertisedIPAddress} is \"{text}\"; write the IP address at which the other silos reach this one.");
        return IPAddress.Loopback;
    }

    private void CheckEndpoint(List<string> errors, string key)
    {
        if (configuration[key] is { Length: > 0 } text && !IPEndPoint.TryParse(text, out _))
        {
            errors.Add($"{key} is \"{text}\"; write an IP address and a port, for example 0.0.0.0:11111.");
        }
    }

    private void CheckFree(List<string> errors, string portKey, string endpointKey, IPEndPoint endpoint)
    {
        var key = portKey;
        if (configuration[endpointKey] is { Length: > 0 } text)
        {
            endpoint = IPEndPoint.Parse(text);
            key = endpointKey;
        }

        if (endpoint.Port == 0)
        {
            return;
        }

        if (PortProbe.Fault(endpoint) is { } reason)
        {
            var next = new IPEndPoint(endpoint.Address, endpoint.Port + 1);
            errors.Add($"{key}: {endpoint} cannot be used ({reason}). Stop the process that has it, or choose another, "
                + $"for example --{key}={(key == portKey ? next.Port.ToString(CultureInfo.InvariantCulture) : next)}.");
        }
    }
}
