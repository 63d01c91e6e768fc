using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ServerSession.Tests.Storage;

namespace ServerSession.Tests.Expiry;

/// <summary>The stored index of one shard, without a silo: no id that was registered leaves it before it is told to be gone, whichever storage call is the last of a process.</summary>
public sealed class ExpiryIndexTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ExpirySizes Small = new(600, 8);

    private readonly SharedMemoryStore _store = new();
    private readonly SessionStorage _storage;
    private readonly GrainId _shard = GrainId.Create("session-expiry", "7");

    public ExpiryIndexTests() => _storage = new SessionStorage(
        new SharedMemoryGrainStorage(_store, new StoredPayloadSerializer(RawBytesSerializer.Instance)),
        new SessionClock(TimeProvider.System),
        Options.Create(new SessionGrainOptions()),
        new SessionMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()),
        new StateNames("memory", "service"),
        NullLogger<SessionStorage>.Instance);

    public void Dispose() => _storage.Dispose();

    [Fact]
    public async Task Add_of_many_pages_seals_segments_so_that_no_row_grows_beyond_its_bound()
    {
        var index = new ExpiryIndex(_storage, _shard, ExpirySizes.Default);
        for (var number = 0; number < 1000; number++)
        {
            await index.AddAsync(Page());
        }

        Assert.True(_store.RowsOf(ExpirySegments.State).Count > 1);
        Assert.All(_store.RowsOf(ExpirySegments.State).Values, static row => Assert.InRange(row.Length, 1, 32 * 1024));
        Assert.InRange(Assert.Single(_store.RowsOf(ExpiryHead.State)).Value.Length, 1, 32 * 1024);
        Assert.Equal(1000, (await AllAsync(new ExpiryIndex(_storage, _shard, ExpirySizes.Default))).Count);
    }

    [Fact]
    public async Task Next_of_what_is_due_reads_no_segment_that_is_not()
    {
        var index = new ExpiryIndex(_storage, _shard, Small);
        for (var number = 0; number < 40; number++)
        {
            await index.AddAsync(Page(dueAt: Start.AddDays(10)));
        }

        var again = new ExpiryIndex(_storage, _shard, Small);
        var reads = _store.Reads;

        Assert.Null(await again.NextAsync(Start.AddDays(9), null));
        Assert.Equal(1, _store.Reads - reads);
    }

    [Fact]
    public async Task Backlog_counts_what_is_due_and_tells_since_when()
    {
        var index = new ExpiryIndex(_storage, _shard, ExpirySizes.Default);
        await index.AddAsync(Page(dueAt: Start.AddHours(1)));
        await index.AddAsync(Page(dueAt: Start.AddHours(2)));
        await index.AddAsync(Page(dueAt: Start.AddHours(9)));

        Assert.Equal((2, Start.AddHours(1)), index.Backlog().Due(Start.AddHours(3)));
        Assert.Equal((0, null), index.Backlog().Due(Start));
    }

    /// <summary>The list of a user whose last session ended and who signed in again during the look was dropped from the index, so its row stayed for ever.</summary>
    [Fact]
    public async Task Apply_to_a_page_in_which_an_id_was_registered_again_during_the_look_keeps_the_id()
    {
        var index = new ExpiryIndex(_storage, _shard, ExpirySizes.Default);
        var id = SessionId.New();
        await index.AddAsync(Listed(id, Start));
        var looked = await index.NextAsync(Start, null);
        await index.AddAsync(Listed(id, Start.AddHours(1)));

        index.Apply(looked!, new HashSet<SessionId> { id }, DateTimeOffset.MaxValue, null);
        await index.FlushAsync();

        var again = new ExpiryIndex(_storage, _shard, ExpirySizes.Default);
        Assert.Null(await again.NextAsync(Start.AddMinutes(59), null));
        var page = await again.NextAsync(Start.AddHours(1), null);
        Assert.Equal([id], page!.Ids());
        again.Apply(page, new HashSet<SessionId> { id }, DateTimeOffset.MaxValue, null);
        await again.FlushAsync();
        Assert.Equal(0, _store.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Index_whose_process_dies_at_any_storage_call_loses_no_id_and_ends_empty(int seed)
    {
        var random = new Random(seed);
        var registered = new Dictionary<Guid, HashSet<SessionId>>();
        var (seals, drops) = (0, 0);
        for (var life = 0; life < 120; life++)
        {
            var index = new ExpiryIndex(_storage, _shard, Small);
            DieAt(random.Next(1, 9), random.Next(2) == 0);
            try
            {
                await LiveAsync(index, random, registered);
            }
            catch (SessionUnavailableException)
            {
                // The process died.
            }

            Revive();
            seals = Math.Max(seals, _store.RowsOf(ExpirySegments.State).Count);
            drops += registered.Values.Count(static page => page.Count == 0);
            var stored = await AllAsync(new ExpiryIndex(_storage, _shard, Small));
            var ids = stored.SelectMany(static page => page.Ids()).ToHashSet();
            Assert.All(registered.Values.SelectMany(static page => page), id => Assert.Contains(id, ids));
        }

        Assert.True(seals > 0 && drops > 0 && registered.Count > 100, $"Too little happened: {seals} segments, {drops} empty pages, {registered.Count} pages.");
        await DrainAsync();
        Assert.Equal(0, _store.Count);
    }

    private static ExpiryPage Listed(SessionId id, DateTimeOffset settledAt) => ExpiryPage.FromList(Guid.NewGuid(), [id], Start, settledAt, settledAt);

    private static async Task LiveAsync(ExpiryIndex index, Random random, Dictionary<Guid, HashSet<SessionId>> registered)
    {
        for (; ; )
        {
            if (random.Next(3) > 0)
            {
                var page = random.Next(4) == 0
                    ? ExpiryPage.FromList(Guid.NewGuid(), [SessionId.New()], Start, Start, Start)
                    : Page(random.Next(1, 12));
                await index.AddAsync(page);
                registered.Add(page.Key, [.. page.Ids()]);
                continue;
            }

            var run = Guid.NewGuid();
            var left = random.Next(1, 12);
            while (left-- > 0 && await index.NextAsync(Start, run) is { } page)
            {
                var gone = page.Ids().Where(_ => random.Next(3) > 0).ToHashSet();

                // From here on it does not matter whether the index has them.
                foreach (var ids in registered.Values)
                {
                    ids.ExceptWith(gone);
                }

                index.Apply(page, gone, Start.AddDays(random.Next(5)), run);
            }

            await index.FlushAsync();
        }
    }

    private async Task DrainAsync()
    {
        var index = new ExpiryIndex(_storage, _shard, Small);
        var run = Guid.NewGuid();
        while (await index.NextAsync(Start, run) is { } page)
        {
            index.Apply(page, page.Ids().ToHashSet(), Start, run);
        }

        await index.FlushAsync();
    }

    private static async Task<List<ExpiryPage>> AllAsync(ExpiryIndex index)
    {
        List<ExpiryPage> pages = [];
        var run = Guid.NewGuid();
        while (await index.NextAsync(Start, run) is { } page)
        {
            pages.Add(page);
            index.Apply(page, new HashSet<SessionId>(), page.DueAt, run);
        }

        return pages;
    }

    private static ExpiryPage Page(int count = 256, DateTimeOffset? dueAt = null) => ExpiryPage.FromSeed(Guid.NewGuid(), count, Start, Start, dueAt ?? Start);

    /// <summary>From the storage call of a number on nothing works; that one takes effect or does not.</summary>
    private void DieAt(int number, bool takesEffect)
    {
        var left = number;
        _store.BeforeAsync = _ => (takesEffect ? left : left - 1) <= 0 ? throw new IOException("The process is dead.") : default;
        _store.AfterAsync = _ => --left <= 0 && takesEffect ? throw new IOException("The process dies.") : default;
    }

    private void Revive()
    {
        _store.BeforeAsync = null;
        _store.AfterAsync = null;
    }
}
