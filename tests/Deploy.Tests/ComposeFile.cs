using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace ServerSession.Tests;

/// <summary>The part of the Compose specification that the Compose file uses. What is not here is refused by the parser.</summary>
public sealed class ComposeFile
{
    public required string Name { get; init; }

    [YamlMember(Alias = "x-cluster", ApplyNamingConventions = false)]
    public Dictionary<string, string> Cluster { get; init; } = [];

    [YamlMember(Alias = "x-host", ApplyNamingConventions = false)]
    public Service? Host { get; init; }

    public required Dictionary<string, Service> Services { get; init; }

    public Dictionary<string, object?> Volumes { get; init; } = [];

    public static ComposeFile Parse(string text) =>
        new DeserializerBuilder().WithNamingConvention(YamlDotNet.Serialization.NamingConventions.UnderscoredNamingConvention.Instance).WithEnforceRequiredMembers().Build()
            .Deserialize<ComposeFile>(new MergingParser(new Parser(new StringReader(text))));

    public sealed class Service
    {
        public string? Image { get; init; }

        public Build? Build { get; init; }

        public Deploy? Deploy { get; init; }

        public List<string> Command { get; init; } = [];

        public Dictionary<string, string> Environment { get; init; } = [];

        public List<string> Ports { get; init; } = [];

        public List<string> Volumes { get; init; } = [];

        public Dictionary<string, Dependency> DependsOn { get; init; } = [];

        public HealthCheck? Healthcheck { get; init; }

        public string? Restart { get; init; }

        public bool ReadOnly { get; init; }

        public List<string> CapDrop { get; init; } = [];

        public List<string> SecurityOpt { get; init; } = [];

        public string? StopGracePeriod { get; init; }
    }

    public sealed class Build
    {
        public required string Context { get; init; }

        public required string Dockerfile { get; init; }
    }

    public sealed class Deploy
    {
        public int Replicas { get; init; }
    }

    public sealed class Dependency
    {
        public required string Condition { get; init; }
    }

    public sealed class HealthCheck
    {
        public required List<string> Test { get; init; }

        public string? Interval { get; init; }

        public string? Timeout { get; init; }

        public int Retries { get; init; }
    }
}
