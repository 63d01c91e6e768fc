namespace ServerSession.Tests.Storage;

public abstract partial class GrainStorageConformance
{
    /// <summary>Gets grain keys that stores get wrong: separators, escapes, case, blanks, look-alikes, long ones.</summary>
    protected virtual IReadOnlyList<string> OddKeys =>
    [
        "a", "A", "a/b", "a%2Fb", "a\\b", "a#b?c=d&e", "a+b", "a b", " a", "a ", "%", "%%", "_", "a'b", "a\"b", "a;--", "a|b", "a:b", ".", "..",
        "\u00e9", "e\u0301", "\u4f1a\u8a71", "\ud83d\ude00", "\u0130", "i", "\u200d", "\t", "\n", new('k', 500), new('k', 501),
    ];

    [Fact]
    public async Task Read_of_an_absent_row_gives_a_fresh_state()
    {
        await AssertAbsent(NewGrain());
    }

    [Fact]
    public async Task Read_into_a_known_state_of_a_cleared_row_makes_it_fresh()
    {
        var grain = NewGrain();
        var mine = await Insert(grain, 1);
        var other = await Read(grain);
        await Clear(grain, other);
        await Within("read", Storage.ReadStateAsync(StateName, grain, mine));
        Assert.False(mine.RecordExists);
        Assert.Null(mine.ETag);
        Assert.Empty(mine.State.Bytes);
    }

    [Fact]
    public async Task Read_after_a_write_gives_exactly_the_bytes()
    {
        foreach (var length in (int[])[SmallestValue, 1, 255, 256, 4096, 64 * 1024, LargestValue])
        {
            var grain = NewGrain();
            var bytes = Pattern(length, seed: length);
            var state = await Insert(grain, bytes);
            await AssertStored(grain, bytes, state.ETag);
            var shorter = Pattern(Math.Max(SmallestValue, length / 2), seed: length + 1);
            state.State = new(shorter);
            await Write(grain, state);
            await AssertStored(grain, shorter, state.ETag);
        }
    }

    [Fact]
    public async Task Read_whose_bytes_are_changed_afterwards_does_not_change_the_store()
    {
        var grain = NewGrain();
        await Insert(grain, 1, 2, 3);
        var first = await Read(grain);
        first.State.Bytes[0] = 99;
        await AssertStored(grain, [1, 2, 3]);
    }

    [Fact]
    public async Task Write_whose_bytes_are_changed_afterwards_does_not_change_the_store()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1, 2, 3);
        state.State.Bytes[0] = 99;
        await AssertStored(grain, [1, 2, 3]);
    }

    [Fact]
    public async Task Keys_with_odd_characters_do_not_collide()
    {
        var prefix = Guid.NewGuid().ToString("n");
        var keys = OddKeys;
        for (var i = 0; i < keys.Count; i++)
        {
            await Insert(GrainId.Create("conformance", prefix + keys[i]), (byte)i);
        }

        for (var i = 0; i < keys.Count; i++)
        {
            await AssertStored(GrainId.Create("conformance", prefix + keys[i]), [(byte)i]);
        }
    }

    [Fact]
    public async Task Keys_of_other_grain_types_do_not_collide()
    {
        var key = Guid.NewGuid().ToString("n");
        if (!SeparatesGrainTypes)
        {
            return;
        }

        string[] types = ["conformance", "Conformance", "conformance2", "conformance.x", "conformance-x"];
        for (var i = 0; i < types.Length; i++)
        {
            await Insert(GrainId.Create(types[i], key), (byte)i);
        }

        for (var i = 0; i < types.Length; i++)
        {
            await AssertStored(GrainId.Create(types[i], key), [(byte)i]);
        }

        // The border between type and key is part of the name: "a" + "b/c" is not "a/b" + "c".
        await Insert(GrainId.Create("a", "b" + key), 7);
        await Insert(GrainId.Create("ab", key), 8);
        await AssertStored(GrainId.Create("a", "b" + key), [7]);
        await AssertStored(GrainId.Create("ab", key), [8]);
    }

    [Fact]
    public async Task Keys_of_other_state_names_of_one_grain_do_not_collide()
    {
        var grain = NewGrain();
        await Insert(grain, 100);
        for (var i = 0; i < OtherStateNames.Length; i++)
        {
            await Write(grain, State((byte)i), OtherStateNames[i]);
        }

        await AssertStored(grain, [100]);
        for (var i = 0; i < OtherStateNames.Length; i++)
        {
            await AssertStored(grain, [(byte)i], name: OtherStateNames[i]);
        }
    }
}
