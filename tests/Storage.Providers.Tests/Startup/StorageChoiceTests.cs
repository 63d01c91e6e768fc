using Microsoft.Extensions.Options;
using ServerSession.Hosting;
using ServerSession.Tests.Silos;

namespace ServerSession.Tests.Startup;

/// <summary>A silo of a cluster whose sessions the others could not reach is refused at start, with the setting to change.</summary>
public sealed class StorageChoiceTests
{
    private const string Clustering = "Orleans:Clustering:ProviderType";
    private const string Storage = "Orleans:GrainStorage:sessions:ProviderType";

    [Fact]
    public async Task Start_of_a_clustered_silo_without_a_storage_is_refused()
    {
        var refusal = await RefusalAsync(new() { [Clustering] = "Redis", ["Orleans:Clustering:ConnectionString"] = "127.0.0.1:1" });

        Assert.Contains(refusal, static text => text.StartsWith($"{Storage} is not set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_of_a_clustered_silo_with_SQLite_is_refused_with_the_reason()
    {
        var refusal = await RefusalAsync(new()
        {
            [Clustering] = "Redis",
            ["Orleans:Clustering:ConnectionString"] = "127.0.0.1:1",
            [Storage] = "Sqlite",
            ["Orleans:GrainStorage:sessions:Path"] = "sessions.db",
        });

        Assert.Contains(refusal, static text => text.Contains("a SQLite file belongs to one silo", StringComparison.Ordinal) && text.Contains(Storage, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_with_AdoNet_and_no_invariant_names_both_settings()
    {
        var refusal = await RefusalAsync(new()
        {
            [Clustering] = "AdoNet",
            ["Orleans:Clustering:ConnectionString"] = "Host=127.0.0.1",
            [Storage] = "AdoNet",
            ["Orleans:GrainStorage:sessions:ConnectionString"] = "Host=127.0.0.1",
        });

        Assert.Contains(refusal, static text => text.StartsWith("Orleans:Clustering:Invariant is ''", StringComparison.Ordinal));
        Assert.Contains(refusal, static text => text.StartsWith("Orleans:GrainStorage:sessions:Invariant is ''", StringComparison.Ordinal));
    }

    private static async Task<IEnumerable<string>> RefusalAsync(Dictionary<string, string?> settings)
    {
        await using var silo = TestSilo.Build(settings);
        return Assert.Throws<OptionsValidationException>(() => StartupValidation.Validate(silo.Services)).Failures;
    }
}
