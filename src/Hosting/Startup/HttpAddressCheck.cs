using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace ServerSession.Hosting;

/// <summary>Looks whether the HTTP ports are free before the silo starts: to find out afterwards would mean to take down a started silo.</summary>
public static class HttpAddressCheck
{
    private const string UrlsOption = "--urls";

    public static IEnumerable<string> Run(IConfiguration configuration)
    {
        foreach (var url in (configuration[WebHostDefaults.ServerUrlsKey] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Fault(url) is { } fault)
            {
                yield return fault;
            }
        }
    }

    private static string? Fault(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"{UrlsOption}: '{url}' is no address; give one such as http://localhost:5000.";
        }

        if (address.Port == 0 || address.IsUnixPipe || address.IsNamedPipe)
        {
            return null;
        }

        var ip = IPAddress.TryParse(address.Host, out var parsed) ? parsed
            : address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
            : IPAddress.Any;
        return PortProbe.Fault(new IPEndPoint(ip, address.Port)) is { } reason
            ? $"{UrlsOption}: {url} cannot be used ({reason}). Stop the process that has the port, or choose another, for example {UrlsOption} {address.Scheme}://{address.Host}:{address.Port + 1}."
            : null;
    }
}

/// <summary>Tries to take a port for a moment.</summary>
public static class PortProbe
{
    public static string? Fault(IPEndPoint endpoint)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            return null;
        }
        catch (SocketException exception)
        {
            return exception.Message;
        }
    }
}
