using k8s;
using k8s.Models;

namespace ServerSession.Tests;

/// <summary>The Kubernetes manifests, parsed strictly into the typed model: an unknown or misspelled field is an error.</summary>
public sealed class KubernetesTests
{
    private static readonly string[] Files = Kustomization()["resources"] is List<object> resources ? [.. resources.Cast<string>()] : [];
    private static readonly List<object> Objects = [.. Files.SelectMany(static file => KubernetesYaml.LoadAllFromString(DeployFiles.Read($"kubernetes/{file}"), strict: true))];

    [Fact]
    public void Manifests_hold_what_a_cluster_needs()
    {
        Assert.Equal(
            ["ConfigMap serversession", "Deployment silo", "Deployment webhost", "Namespace serversession", "NetworkPolicy silo", "PodDisruptionBudget silo", "PodDisruptionBudget webhost",
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
    [InlineData("silo")]
    [InlineData("webhost")]
    public void Setting_of_each_file_is_one_that_the_hosts_know(string name)
    {
        var variables = Variables(Container(name));

        Assert.Empty(HostSettings.Faults(variables));
        Assert.NotEmpty(HostSettings.Faults(new Dictionary<string, string?>(variables) { ["ServerSession__IdelTimeout"] = "00:20:00" }));
        Assert.NotEmpty(HostSettings.Faults(new Dictionary<string, string?>(variables) { ["Orleans__Clustering__Provider"] = "Redis" }));
        Assert.NotEmpty(HostSettings.Faults(new Dictionary<string, string?>(variables) { ["ServerSession__IdleTimeout"] = "soon" }));
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
    [InlineData("silo")]
    [InlineData("webhost")]
    public void Rollout_loses_no_request_and_pods_have_no_rights(string name)
    {
        var deployment = Deployment(name);
        var pod = deployment.Spec.Template.Spec;
        var container = Container(name);

        Assert.Equal("0", deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
        Assert.True(pod.TerminationGracePeriodSeconds >= 35, "The drain delay (5 s) and the shutdown time-out (25 s) have to fit.");
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

    private static V1Deployment Deployment(string name) => Objects.OfType<V1Deployment>().Single(deployment => deployment.Metadata.Name == name);

    private static V1Container Container(string name) => Assert.Single(Deployment(name).Spec.Template.Spec.Containers);

    private static Dictionary<string, string?> Variables(V1Container container)
    {
        Dictionary<string, string?> variables = [];
        foreach (var (key, value) in container.EnvFrom.SelectMany(static source => Objects.OfType<V1ConfigMap>().Single(map => map.Metadata.Name == source.ConfigMapRef.Name).Data))
        {
            variables[key] = value;
        }

        foreach (var variable in container.Env)
        {
            variables[variable.Name] = variable.Value ?? "from a reference";
        }

        return variables;
    }

    private static Dictionary<string, object> Kustomization() =>
        new YamlDotNet.Serialization.DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(DeployFiles.Read("kubernetes/kustomization.yaml"));
}
