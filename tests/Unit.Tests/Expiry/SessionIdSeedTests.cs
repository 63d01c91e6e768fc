namespace ServerSession.Tests.Expiry;

/// <summary>Ids that are derived from a seed: frontends and the stored index have to agree on them for ever.</summary>
public class SessionIdSeedTests
{
    [Fact]
    public void Derive_of_a_known_seed_gives_the_ids_that_stored_indexes_rest_on()
    {
        // AES-128 of 0 and 1 under the key 00 01 02 … 0f.
        var ids = SessionIdSeed.Derive(new Guid("00010203-0405-0607-0809-0a0b0c0d0e0f"), 2);

        Assert.Equal(["c6a13b37878f5b826f4f8162a1c8d879", "7346139595c0b41e497bbde365f42d0a"], ids.Select(static id => id.ToString()));
    }

    [Fact]
    public void Derive_of_different_seeds_gives_different_ids()
    {
        var ids = Enumerable.Range(0, 100).SelectMany(static _ => SessionIdSeed.Derive(SessionIdSeed.New(), ExpiryShards.MaximumBlock)).ToHashSet();

        Assert.Equal(100 * ExpiryShards.MaximumBlock, ids.Count);
    }

    [Fact]
    public void Block_prints_no_seed()
    {
        var block = new SessionIdBlock { Seed = SessionIdSeed.New(), Count = 16, ValidFor = TimeSpan.FromMinutes(1) };

        Assert.Equal("16 session ids", block.ToString());
    }

    [Fact]
    public void Shard_of_an_id_is_within_the_number_of_shards()
    {
        var shards = Enumerable.Range(0, 10_000).Select(static _ => ExpiryShards.Of(SessionId.New())).ToHashSet();

        Assert.Equal(ExpiryShards.Count, shards.Count);
        Assert.All(shards, static shard => Assert.InRange(shard, 0, ExpiryShards.Count - 1));
    }
}
