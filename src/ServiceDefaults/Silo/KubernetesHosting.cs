using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace ServerSession.Hosting;

/// <summary>Lets a silo learn from Kubernetes that the pod of another silo is gone.</summary>
internal static class KubernetesHosting
{
    /// <summary>Whether the silo runs in a pod whose service account may watch the pods of its namespace: <c>true</c> or <c>false</c> (the default).</summary>
    public const string Key = "ServerSession:Kubernetes";

    public static void AddKubernetes(this ISiloBuilder silo, IConfiguration configuration)
    {
        var text = configuration[Key];
        if (string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        var isSwitch = bool.TryParse(text, out var isOn);
        silo.Services.AddOptions<SessionSiloOptions>().Validate(_ => isSwitch, $"{Key} is '{text}': give true or false.");
        if (isOn)
        {
            silo.UseKubernetesHosting();
        }
    }
}
