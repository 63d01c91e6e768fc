using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ServerSession.Tests;

/// <summary>What Data Protection meets while the cluster does not answer: one bounded wait, then failures at once, and recovery by itself.</summary>
public sealed class DataProtectionOutageTests
{
    [Fact]
    public void GetAllElements_in_an_outage_names_the_cause_and_the_next_call_fails_without_asking()
    {
        var store = new FailingElements { Fails = true };
        var clock = new TestClock();
        var repository = Repository(store, new KeyRingReader(store, clock));

        var first = Assert.Throws<SessionUnavailableException>(() => repository.GetAllElements());
        var second = Assert.Throws<SessionUnavailableException>(() => repository.GetAllElements());

        Assert.Contains("The Data Protection keys cannot be read from the session cluster", first.Message, StringComparison.Ordinal);
        Assert.EndsWith("No silo answers.", first.Message, StringComparison.Ordinal);
        Assert.Equal(first.Message, second.Message);
        Assert.Equal(1, store.Reads);
        clock.Advance(TimeSpan.FromSeconds(1));
        store.Fails = false;
        Assert.Empty(repository.GetAllElements());
    }

    [Fact]
    public async Task GetAllElements_in_a_watched_outage_fails_at_once_until_a_probe_reaches_the_cluster()
    {
        var store = new FailingElements { Fails = true };
        var clock = new TestClock();
        var reader = new KeyRingReader(store, clock);
        var repository = Repository(store, reader);
        reader.Watch();
        Assert.Throws<SessionUnavailableException>(() => repository.GetAllElements());
        Assert.True(reader.FailedAsync().IsCompleted);

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Throws<SessionUnavailableException>(() => repository.GetAllElements());
        Assert.Equal(1, store.Reads);
        Assert.False(await reader.ProbeAsync());
        store.Fails = false;
        Assert.True(await reader.ProbeAsync());

        Assert.Empty(repository.GetAllElements());
        Assert.False(reader.FailedAsync().IsCompleted);
    }

    [Fact]
    public void GetAllElements_of_a_ring_that_another_frontend_makes_waits_for_it()
    {
        var store = new FailingElements { MadeElsewhere = 3 };
        var clock = new TestClock { JumpsWaits = true };

        Repository(store, new KeyRingReader(store, clock)).GetAllElements();

        Assert.Equal(4, store.Reads);
    }

    [Fact]
    public void StoreElement_of_an_outage_throws_so_that_an_unstored_key_is_never_used()
    {
        var store = new FailingElements { Fails = true };

        Assert.Throws<SessionUnavailableException>(() => Repository(store, new KeyRingReader(store, new TestClock())).StoreElement(new XElement("key"), "key"));
    }

    [Fact]
    public void DeleteElements_deletes_what_was_chosen_and_says_false_in_an_outage()
    {
        var store = new FailingElements();
        var repository = Repository(store, new KeyRingReader(store, new TestClock()));
        repository.StoreElement(new XElement("old"), "old");
        repository.StoreElement(new XElement("new"), "new");

        Assert.True(repository.DeleteElements(static elements => Assert.Equal(2, elements.Count)));
        Assert.Equal(2, repository.GetAllElements().Count);
        store.FailsDelete = true;
        Assert.False(repository.DeleteElements(ChooseOld));
        store.FailsDelete = false;
        Assert.True(repository.DeleteElements(ChooseOld));

        Assert.Equal("new", Assert.Single(repository.GetAllElements()).Name.LocalName);

        static void ChooseOld(IReadOnlyCollection<IDeletableElement> elements)
        {
            foreach (var element in elements.Where(static element => element.Element.Name.LocalName == "old"))
            {
                element.DeletionOrder = 1;
            }
        }
    }

    [Fact]
    public async Task Protect_by_many_requests_in_an_outage_fails_for_each_of_them_and_works_without_a_restart_afterwards()
    {
        var store = new FailingElements { Fails = true };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(new TestClock());
        services.AddServerSession().UseInMemoryStore();
        services.AddDataProtection().SetApplicationName("outage").PersistKeysToServerSession();
        services.Replace(ServiceDescriptor.Singleton<IKeyElementStore>(store));
        await using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<KeyRingReader>().Watch();
        var protector = provider.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Factory.StartNew(
            () => Record.Exception(() => protector.Protect([1])), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.All(outcomes, static outcome => Assert.Contains("session cluster", Assert.IsAssignableFrom<Exception>(outcome).ToString(), StringComparison.Ordinal));
        Assert.Equal(1, store.Reads);
        store.Fails = false;
        await provider.GetRequiredService<KeyRingReader>().ProbeAsync();
        Assert.Equal([1], protector.Unprotect(protector.Protect([1])));
    }

    /// <summary>At the edge of an outage, where a probe is answered and the next read fails, the loader asked without a pause.</summary>
    [Fact]
    public async Task Loader_whose_probe_is_answered_and_whose_read_fails_pauses_longer_and_longer()
    {
        var store = new FailingElements { FailsMakers = true };
        var clock = new TestClock();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(clock);
        services.AddServerSession().UseInMemoryStore();
        services.AddDataProtection().SetApplicationName("edge").PersistKeysToServerSession();
        services.Replace(ServiceDescriptor.Singleton<IKeyElementStore>(store));
        await using var provider = services.BuildServiceProvider();
        using var loader = new KeyRingLoader(provider.GetRequiredService<KeyRingReader>(), provider, clock, NullLogger<KeyRingLoader>.Instance);

        await loader.StartAsync(TestContext.Current.CancellationToken);
        foreach (var seconds in new[] { 1, 2, 4, 8, 8 })
        {
            var pause = TimeSpan.FromSeconds(seconds);
            await clock.WaitedForAsync(pause).WithinLimit($"the loader pauses for {seconds} s");
            clock.Advance(pause);
        }

        // A probe and a read for each pause, and Data Protection reads twice where the first of its reads failed.
        Assert.InRange(store.Reads, 10, 3 * 6);
        await loader.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ring/1")]
    [InlineData("ä")]
    public void PersistKeysToServerSession_with_a_name_that_cannot_be_used_says_what_can(string name)
    {
        var exception = Assert.Throws<ArgumentException>(() => new ServiceCollection().AddDataProtection().PersistKeysToServerSession(name));

        Assert.Contains($"'{name}' cannot name a key ring: use 1 to 64 letters and digits", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_beside_the_in_memory_store_live_in_the_process()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddServerSession().UseInMemoryStore();
        services.AddDataProtection().PersistKeysToServerSession();
        await using var provider = services.BuildServiceProvider();

        var protector = provider.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
        Assert.Equal([1], protector.Unprotect(protector.Protect([1])));
        Assert.Single(provider.GetRequiredService<IOptions<KeyManagementOptions>>().Value.XmlRepository!.GetAllElements());
        Assert.True(Assert.IsType<XmlKeyManager>(provider.GetRequiredService<IKeyManager>()).CanDeleteKeys);
    }

    private static ServerSessionXmlRepository Repository(IKeyElementStore store, KeyRingReader reader) =>
        new(reader, store, NullLogger<ServerSessionXmlRepository>.Instance);

    private sealed class FailingElements : IKeyElementStore
    {
        private readonly InMemoryKeyElements _inner = new();
        private int _reads;

        public bool Fails { get; set; }

        public bool FailsDelete { get; set; }

        /// <summary>Whether only the reads fail that may make a key.</summary>
        public bool FailsMakers { get; set; }

        public int MadeElsewhere { get; set; }

        public int Reads => _reads;

        public ValueTask<DataProtectionKeyRing> ReadAsync(Guid maker) => Interlocked.Increment(ref _reads) <= MadeElsewhere
            ? new(new DataProtectionKeyRing([], isMadeElsewhere: true))
            : Fails || (FailsMakers && maker != Guid.Empty) ? throw new SessionUnavailableException("No silo answers.") : _inner.ReadAsync(maker);

        public ValueTask StoreAsync(DataProtectionKeyElement element) => Fails ? throw new SessionUnavailableException("No silo answers.") : _inner.StoreAsync(element);

        public ValueTask DeleteAsync(Guid[] ids) => FailsDelete ? throw new SessionUnavailableException("No silo answers.") : _inner.DeleteAsync(ids);
    }
}
