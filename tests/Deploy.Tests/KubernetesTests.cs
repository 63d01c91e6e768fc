using System.Net;
using System.Security.Cryptography;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace ServerSession.Tests;

/// <summary>The Kubernetes manifests, parsed strictly into the typed model: an unknown or misspelled field is an error.</summary>
public sealed class KubernetesTests
{
    private const string PodName = "silo-7c9f-abcde";
    private const string PodNamespace = "serversession";
    private const string PodIP = "10.1.2.3";

    private static readonly string[] Files = Kustomization()["resources"] is List<object> resources ? [.. resources.Cast<string>()] : [];
    private static readonly List<object> Objects = [.. Files.SelectMany(static file => KubernetesYaml.LoadAllFromString(DeployFiles.Read($"kubernetes/{file}"), strict: true))];

    [Fact]
    public void Manifests_hold_what_a_cluster_needs()
    {
        Assert.Equal(
            ["ConfigMap serversession", "Deployment silo", "Deployment webhost", "Namespace serversession", "NetworkPolicy silo", "NetworkPolicy webhost", "PodDisruptionBudget silo", "PodDisruptionBudget webhost",
                "Role silo", "RoleBinding silo", "Secret serversession", "Service webhost", "ServiceAccount silo"],
            Objects.Cast<IKubernetesObject<V1ObjectMeta>>().Select(static item => $"{item.Kind} {item.Metadata.Name}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Kustomization_lists_every_manifest_in_the_folder() => Assert.Equal(
        Directory.GetFiles(Path.Combine(DeployFiles.Repository, "deploy/kubernetes"), "*.yaml").Select(static path => Path.GetFileName(path)!).Where(static name => name != "kustomization.yaml").Order(StringComparer.Ordinal),
        Files.Order(StringComparer.Ordinal));

    [Fact]
    public void Parser_is_strict_about_unknown_fields() => Assert.ThrowsAny<Exception>(static () =>
        KubernetesYaml.LoadAllFromString(DeployFiles.Read("kubernetes/webhost.yaml").Replace("maxUnavailable:", "maxUnavailible:", StringComparison.Ordinal), strict: true));

    [Theory]
    [InlineData("silo", "Silo")]
    [InlineData("webhost", "WebHost")]
    public void Setting_of_each_container_is_one_with_which_its_host_starts(string name, string host) =>
        Assert.Empty(HostSettings.Faults(host, Variables(name)));

    /// <summary>What is written wrongly in a manifest is found here and not by whoever applies it.</summary>
    [Theory]
    [InlineData("silo", "Silo", "ServerSession__IdelTimeout", "00:20:00")]
    [InlineData("silo", "Silo", "ServerSession__Kubernetes", "yes")]
    [InlineData("silo", "Silo", "ServerSession__DrainDelay", "5")]
    [InlineData("silo", "Silo", "ServerSession__Expiry__Interval", "soon")]
    [InlineData("silo", "Silo", "ServerSession__Tls__CertificateFile", "/nowhere/silo.pem")]
    [InlineData("silo", "Silo", "Orleans__Clustering__ProviderType", "Rediss")]
    [InlineData("silo", "Silo", "Orleans__GrainStorage__sessions__ProviderType", "Rediss")]
    [InlineData("silo", "Silo", "Orleans__GrainStorage__sessions__ProviderType", "Sqlite")]
    [InlineData("silo", "Silo", "Orleans__Clustering__Provider", "Redis")]
    [InlineData("silo", "Silo", "ASPNETCORE_URLS", "8080")]
    [InlineData("webhost", "WebHost", "ServerSession__IdelTimeout", "00:20:00")]
    [InlineData("webhost", "WebHost", "ServerSession__IdleTimeout", "soon")]
    [InlineData("webhost", "WebHost", "ServerSession__Mode", "Klient")]
    [InlineData("webhost", "WebHost", "ServerSession__DrainDelay", "5")]
    [InlineData("webhost", "WebHost", "ServerSession__SigningKeys__0", "CHANGE-ME")]
    [InlineData("webhost", "WebHost", "ServerSession__Tls__AuthorityFile", "/nowhere/root.pem")]
    [InlineData("webhost", "WebHost", "ServerSession__TrustedProxies__0", "ingress")]
    [InlineData("webhost", "WebHost", "Orleans__Clustering__ProviderType", "Rediss")]
    [InlineData("webhost", "WebHost", "ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true")]
    public void Setting_that_is_wrong_is_found(string name, string host, string variable, string value)
    {
        var variables = Variables(name);
        variables[variable] = value;

        Assert.NotEmpty(HostSettings.Faults(host, variables));
    }

    [Fact]
    public void Silo_in_a_pod_is_the_one_that_Kubernetes_knows()
    {
        using var host = BuiltHost.Build("Silo", Variables("silo"));
        var settings = Objects.OfType<V1ConfigMap>().Single().Data;
        var cluster = host.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        var endpoints = host.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;

        Assert.Equal((settings["Orleans__ServiceId"], settings["Orleans__ClusterId"]), (cluster.ServiceId, cluster.ClusterId));
        Assert.Equal(PodName, host.Services.GetRequiredService<IOptions<SiloOptions>>().Value.SiloName);
        Assert.Equal(IPAddress.Parse(PodIP), endpoints.AdvertisedIPAddress);
        Assert.Equal(IPAddress.Any, endpoints.SiloListeningEndpoint?.Address);
        Assert.Equal(IPAddress.Any, endpoints.GatewayListeningEndpoint?.Address);
    }

    [Fact]
    public void Pods_of_the_silos_carry_the_labels_by_which_Orleans_finds_them()
    {
        var settings = Objects.OfType<V1ConfigMap>().Single().Data;
        var labels = Deployment("silo").Spec.Template.Metadata.Labels;

        Assert.Equal(settings["Orleans__ServiceId"], labels["orleans/serviceId"]);
        Assert.Equal(settings["Orleans__ClusterId"], labels["orleans/clusterId"]);
    }

    [Theory]
    [InlineData("silo", "Silo")]
    [InlineData("webhost", "WebHost")]
    public void Rollout_loses_no_request_and_pods_have_no_rights(string name, string host)
    {
        var deployment = Deployment(name);
        var pod = deployment.Spec.Template.Spec;
        var container = Container(name);

        Assert.Equal("0", deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
        var longest = LongestStop.Of(host, Variables(name));
        Assert.True(TimeSpan.FromSeconds(pod.TerminationGracePeriodSeconds!.Value) > longest, $"{name} may take {longest} to stop.");
        Assert.Contains($"together: {longest.TotalSeconds:0} seconds.", DeployFiles.Read("kubernetes/README.md"), StringComparison.Ordinal);
        Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);
        Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Equal(deployment.Spec.Selector.MatchLabels, Objects.OfType<V1PodDisruptionBudget>().Single(budget => budget.Metadata.Name == name).Spec.Selector.MatchLabels);
    }

    [Fact]
    public void Secrets_are_read_from_secrets_only()
    {
        foreach (var variable in new[] { "silo", "webhost" }.SelectMany(static name => Container(name).Env).Where(static variable => variable.Name.EndsWith("ConnectionString", StringComparison.Ordinal)))
        {
            Assert.Null(variable.Value);
            Assert.Contains(variable.ValueFrom.SecretKeyRef.Key, Objects.OfType<V1Secret>().Single().StringData.Keys);
        }
    }

    /// <summary>Silos neither sign nor verify tokens: what they do not get they cannot lose.</summary>
    [Fact]
    public void Own_signing_key_is_read_from_the_secret_by_the_frontends_where_it_is_there()
    {
        const string variable = "ServerSession__SigningKeys__0";
        var key = Container("webhost").Env.Single(static item => item.Name == variable).ValueFrom.SecretKeyRef;

        Assert.Equal((Objects.OfType<V1Secret>().Single().Metadata.Name, "SigningKey", true), (key.Name, key.Key, key.Optional));
        Assert.DoesNotContain(key.Key, Objects.OfType<V1Secret>().Single().StringData.Keys);
        Assert.Contains($"# A key of your own that signs tokens is {key.Key},", DeployFiles.Read("kubernetes/settings.yaml"), StringComparison.Ordinal);
        Assert.DoesNotContain(Container("silo").Env, static item => item.Name == variable);
        Assert.Empty(HostSettings.Faults("WebHost", new Dictionary<string, string>(Variables("webhost")) { [variable] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) }));
    }

    /// <summary>What a proxy says of the browser is believed only of the ingress controller, and nobody else reaches the frontends.</summary>
    [Fact]
    public void Frontends_take_requests_from_the_ingress_controller_alone()
    {
        var policy = Objects.OfType<V1NetworkPolicy>().Single(static policy => policy.Metadata.Name == "webhost").Spec;

        Assert.Equal(Deployment("webhost").Spec.Selector.MatchLabels, policy.PodSelector.MatchLabels);
        Assert.Equal(["Ingress"], policy.PolicyTypes);
        Assert.NotEmpty(Assert.Single(Assert.Single(policy.Ingress).FromProperty).NamespaceSelector.MatchLabels);
        Assert.Contains("ServerSession__TrustedProxies__0", Variables("webhost").Keys);
    }

    private static V1Deployment Deployment(string name) => Objects.OfType<V1Deployment>().Single(deployment => deployment.Metadata.Name == name);

    private static V1Container Container(string name) => Assert.Single(Deployment(name).Spec.Template.Spec.Containers);

    /// <summary>What a container sees: the variables of its image, those of the config map, and its own.</summary>
    private static Dictionary<string, string> Variables(string name)
    {
        var variables = new Dictionary<string, string>(Dockerfile.Read(name).Variables);
        var container = Container(name);
        foreach (var (key, value) in container.EnvFrom.SelectMany(static source => Objects.OfType<V1ConfigMap>().Single(map => map.Metadata.Name == source.ConfigMapRef.Name).Data))
        {
            variables[key] = value;
        }

        foreach (var variable in container.Env)
        {
            if ((variable.Value ?? Referenced(variable.ValueFrom)) is { } value)
            {
                variables[variable.Name] = value;
            }
        }

        return variables;
    }

    /// <summary>What a reference leads to; null where it leads nowhere and says that this is allowed.</summary>
    private static string? Referenced(V1EnvVarSource source) => source switch
    {
        { SecretKeyRef: { } key } when Objects.OfType<V1Secret>().Single(secret => secret.Metadata.Name == key.Name).StringData.TryGetValue(key.Key, out var value) => value,
        { SecretKeyRef.Optional: true } => null,
        { FieldRef.FieldPath: "metadata.name" } => PodName,
        { FieldRef.FieldPath: "metadata.namespace" } => PodNamespace,
        { FieldRef.FieldPath: "status.podIP" } => PodIP,
        _ => throw new InvalidOperationException("The manifest has a reference that leads nowhere."),
    };

    private static Dictionary<string, object> Kustomization() =>
        new YamlDotNet.Serialization.DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(DeployFiles.Read("kubernetes/kustomization.yaml"));
}
