using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using ServerSession.Core;

namespace ServerSession.Hosting;

/// <summary>Lets a silo learn from Kubernetes that the pod of another silo is gone.</summary>
public static class KubernetesHosting
{
    /// <summary>Whether the silo runs in a pod whose service account may watch the pods of its namespace: <c>true</c> or <c>false</c> (the default).</summary>
    public const string Key = "Kubernetes";

    private const string PodIP = "POD_IP";

    public static void AddKubernetes(this ISiloBuilder silo, IConfiguration configuration)
    {
        List<string> faults = [];
        var isOn = false;
        new SettingsReader(configuration, faults).Flag(Key, value => isOn = value);
        foreach (var fault in faults)
        {
            silo.Services.AddOptions<SessionSiloOptions>().Validate(static _ => false, fault);
        }

        if (isOn)
        {
            silo.UseKubernetesHosting();

            // Orleans' own default, the address of the machine's name, is there before its Kubernetes package looks at POD_IP.
            if (IPAddress.TryParse(configuration[PodIP], out var address))
            {
                silo.Configure<EndpointOptions>(endpoints => endpoints.AdvertisedIPAddress ??= address);
            }
        }
    }
}
