using System.Reflection;
using Orleans.Providers;
using ServerSession.Tests.Storage;

namespace ServerSession.Tests.Conformance;

/// <summary>Every grain storage that the hosts know by a name has run the whole suite in this assembly.</summary>
public sealed class SuiteCoverageTests
{
    // Another name of Redis, and the storages that keep nothing beyond a process; of these the tests of the SQLite store run the suite on one.
    private static readonly string[] Covered = ["AzureRedisCache", "Memory"];

    [Fact]
    public void Provider_of_storage_that_the_hosts_know_has_a_conformance_class()
    {
        var known = HostAssemblies()
            .SelectMany(static assembly => assembly.GetCustomAttributes<RegisterProviderAttribute>())
            .Where(static provider => provider is { Kind: "GrainStorage", Target: "Silo" })
            .Select(static provider => provider.Name)
            .Except(Covered)
            .Order()
            .ToArray();

        Assert.Equal(["AdoNet", "AzureBlobStorage", "AzureTableStorage", "Redis", "Sqlite"], known);
        Assert.Equal(known, Suites().Select(static suite => suite.GetCustomAttribute<ProviderAttribute>()!.Name).Order());
    }

    [Fact]
    public void Suite_has_no_test_that_is_skipped_or_hidden()
    {
        var facts = typeof(GrainStorageConformance).GetMethods().Where(static method => method.GetCustomAttribute<FactAttribute>() is not null).ToArray();
        Assert.True(facts.Length > 30, $"The suite has {facts.Length} tests.");
        foreach (var suite in Suites())
        {
            Assert.True(suite is { IsPublic: true, IsAbstract: false }, $"{suite} is not run.");
            foreach (var fact in facts)
            {
                var method = suite.GetMethod(fact.Name)!;
                Assert.Equal(typeof(GrainStorageConformance), method.DeclaringType);
                Assert.Null(method.GetCustomAttribute<FactAttribute>()!.Skip);
            }
        }
    }

    private static IEnumerable<Type> Suites() =>
        typeof(SuiteCoverageTests).Assembly.GetTypes().Where(static type => type.GetCustomAttribute<ProviderAttribute>() is not null);

    // The assemblies of the hosts' output, so that a package that is added to them is seen.
    private static IEnumerable<Assembly> HostAssemblies() => Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
        .Where(static file => Path.GetFileName(file) is var name && (name.StartsWith("Orleans.", StringComparison.Ordinal) || name.StartsWith("ServerSession.Orleans.", StringComparison.Ordinal)))
        .Select(static file => Assembly.LoadFrom(file));
}
