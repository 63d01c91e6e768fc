using ServerSession.Tests.Support;

namespace ServerSession.Tests.Data;

/// <summary>Each kind of change, on a key that is there and on one that is not.</summary>
public sealed class ChangeTests
{
    private static readonly SessionData Before = Sample.Data(("a", "1"), ("b", "two"));

    [Fact]
    public void Set_adds_and_replaces()
    {
        Assert.Equal("a=9 b=two c=3", Show(Apply(Before, Sample.Set("c", "3"), Sample.Set("a", "9")).Data));
    }

    [Fact]
    public void Remove_and_clear_take_away_what_there_is()
    {
        Assert.Equal("b=two", Show(Apply(Before, SessionChange.Remove("a"), SessionChange.Remove("none")).Data));
        Assert.Equal("c=3", Show(Apply(Before, SessionChange.Clear(), Sample.Set("c", "3")).Data));
        Assert.Equal(0, Apply(Before, SessionChange.Clear()).Data.TotalBytes);
    }

    [Fact]
    public void Keys_are_in_ordinal_order_and_may_be_any_Unicode()
    {
        string[] keys = ["z", "Z", "ä", "a", "\U0001F600", "\uFFFD", "A", "a\u0000", "é", "e\u0301"];
        var data = Apply(SessionData.Empty, [.. keys.Select(key => Sample.Set(key, key))]).Data;

        Assert.Equal(keys.Order(StringComparer.Ordinal), data.Keys);
        Assert.All(keys, key => Assert.Equal(key, Sample.Text(data, key)));
        Assert.Equal(keys.Sum(key => 2 * Sample.Bytes(key).Length), data.TotalBytes);
    }

    /// <summary>Attributes cannot carry unpaired surrogates, so the keys stand in the test.</summary>
    [Fact]
    public void Key_that_is_empty_or_no_Unicode_is_refused()
    {
        foreach (var key in new[] { "", null, "\ud800", "a\udc00b", "\udc00\ud800" })
        {
            AssertMismatch(Before, Sample.Set("c", "3"), Sample.Set(key!, "x"));
        }
    }

    [Theory]
    [InlineData(null, 5, 5)]
    [InlineData("0", -1, -1)]
    [InlineData("42", 1, 43)]
    [InlineData("-7", 7, 0)]
    [InlineData("9223372036854775806", 1, long.MaxValue)]
    [InlineData("-9223372036854775807", -1, long.MinValue)]
    [InlineData("-9223372036854775808", 0, long.MinValue)]
    public void Increment_of_a_number_writes_its_shortest_spelling(string? before, long amount, long after)
    {
        var edit = Apply(before is null ? Before : Sample.Data(("n", before)), SessionChange.Increment("n", amount));

        Assert.Equal(after, edit.Results![0].Number);
        Assert.True(edit.Results[0].Applied);
        Assert.Equal(after.ToString(System.Globalization.CultureInfo.InvariantCulture), Sample.Text(edit.Data, "n"));
    }

    /// <summary>Numbers in other spellings (042, +5, -0) were once taken, and rewritten as other bytes.</summary>
    [Theory]
    [InlineData("042")]
    [InlineData("+5")]
    [InlineData("-0")]
    [InlineData("00")]
    [InlineData(" 5")]
    [InlineData("5 ")]
    [InlineData("1.0")]
    [InlineData("1,000")]
    [InlineData("1e3")]
    [InlineData("0x1")]
    [InlineData("-")]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("٣")]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("99999999999999999999999")]
    public void Increment_of_anything_else_is_a_mismatch(string before)
    {
        AssertMismatch(Sample.Data(("n", before)), SessionChange.Increment("n"));
    }

    [Theory]
    [InlineData("9223372036854775807", 1)]
    [InlineData("1", long.MaxValue)]
    [InlineData("-9223372036854775808", -1)]
    [InlineData("-1", long.MinValue)]
    public void Increment_that_overflows_is_a_mismatch(string before, long amount)
    {
        AssertMismatch(Sample.Data(("n", before)), SessionChange.Increment("n", amount));
    }

    [Fact]
    public void GetOrSet_sets_only_what_is_absent_and_tells_the_value()
    {
        var edit = Apply(Before, SessionChange.GetOrSet("a", Sample.Bytes("x")), SessionChange.GetOrSet("c", Sample.Bytes("y")));

        Assert.Equal("a=1 b=two c=y", Show(edit.Data));
        Assert.Equal((false, "1"), (edit.Results![0].Applied, Sample.Text(edit.Results[0].Value)));
        Assert.Equal((true, "y"), (edit.Results[1].Applied, Sample.Text(edit.Results[1].Value)));
    }

    [Theory]
    [InlineData("a", "1", "9", true, "9")]
    [InlineData("a", "1", null, true, null)]
    [InlineData("a", "1", "", true, "")]
    [InlineData("a", "2", "9", false, "1")]
    [InlineData("a", "", "9", false, "1")]
    [InlineData("a", "10", "9", false, "1")]
    [InlineData("a", null, "9", false, "1")]
    [InlineData("a", null, null, false, "1")]
    [InlineData("c", null, "9", true, "9")]
    [InlineData("c", null, null, true, null)]
    [InlineData("c", "1", "9", false, null)]
    [InlineData("c", "", "9", false, null)]
    public void CompareAndSet_changes_exactly_the_expected_value(string key, string? expected, string? value, bool applied, string? after)
    {
        var edit = Apply(Before, SessionChange.CompareAndSet(key, Memory(expected), Memory(value)));

        Assert.Equal(applied, edit.Results![0].Applied);
        Assert.Equal(after, edit.Results[0].Value is { } told ? Sample.Text(told) : null);
        Assert.Equal(after, Sample.Text(edit.Data, key));
    }

    /// <summary>A null array once became an empty memory on its way: "absent" and "remove" were read as "empty".</summary>
    [Fact]
    public void CompareAndSet_of_a_null_array_expects_absence_and_removes()
    {
        byte[]? none = null;

        Assert.Equal("a=1 b=two c=x", Show(Apply(Before, SessionChange.CompareAndSet("c", none, Sample.Bytes("x"))).Data));
        Assert.Equal("b=two", Show(Apply(Before, SessionChange.CompareAndSet("a", Sample.Bytes("1"), none)).Data));
        Assert.Equal("a=1 b=two", Show(Apply(Before, SessionChange.CompareAndSet("c", null, null)).Data));
    }

    [Fact]
    public void Take_reads_and_removes_once()
    {
        var edit = Apply(Before, SessionChange.Take("b"), SessionChange.Take("b"));

        Assert.Equal("a=1", Show(edit.Data));
        Assert.Equal((true, "two"), (edit.Results![0].Applied, Sample.Text(edit.Results[0].Value)));
        Assert.Equal(default, edit.Results[1]);
    }

    [Fact]
    public void Append_keeps_the_newest_items()
    {
        var data = Before;
        for (var number = 1; number <= 5; number++)
        {
            var edit = Apply(data, SessionChange.Append("list", Sample.Bytes($"item {number}"), 3));
            Assert.Equal(Math.Min(number, 3), edit.Results![0].Number);
            data = edit.Data;
        }

        Assert.True(data.TryGetValue("list", out var list));
        Assert.Equal(SessionValueKind.List, list.Kind);
        Assert.Equal(["item 3", "item 4", "item 5"], SessionList.Items(list.Bytes).Select(Sample.Text));
        Assert.Equal(1, Apply(data, SessionChange.Append("list", default, 1)).Results![0].Number);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    public void Append_with_a_bound_out_of_range_is_a_mismatch(int bound) => AssertMismatch(Before, SessionChange.Append("list", default, bound));

    [Fact]
    public void Change_that_is_atomic_on_a_value_of_another_kind_is_a_mismatch()
    {
        var list = Apply(Before, SessionChange.Append("list", Sample.Bytes("5"), 3)).Data;

        AssertMismatch(list, SessionChange.Append("a", default, 3));
        AssertMismatch(list, SessionChange.Increment("list"));
        list.TryGetValue("list", out var value);
        Assert.False(Apply(list, SessionChange.CompareAndSet("list", value.Bytes, null)).Results![0].Applied);
    }

    [Fact]
    public void Change_that_is_default_is_a_mismatch() => AssertMismatch(Before, default(SessionChange));

    [Fact]
    public void Change_that_is_refused_takes_the_changes_before_it_back()
    {
        AssertMismatch(Before, Sample.Set("a", "5"), SessionChange.Remove("b"), SessionChange.Take("a"), Sample.Set("c", "x"), SessionChange.Increment("c"));
    }

    private static SessionDataEdit Apply(SessionData data, params SessionChange[] changes)
    {
        var before = Show(data);
        var edit = SessionDataEditor.Apply(data, changes, SessionLimits.Default);
        Assert.Equal(before, Show(data));
        return edit;
    }

    private static void AssertMismatch(SessionData data, params SessionChange[] changes)
    {
        var edit = Apply(data, changes);
        Assert.Equal(SessionOutcome.Mismatch, edit.Outcome);
        Assert.Equal(changes.Length - 1, edit.Refusal!.Change);
        Assert.Null(edit.Refusal.Limit);
        Assert.Null(edit.Results);
        Assert.Same(data, edit.Data);
    }

    private static ReadOnlyMemory<byte>? Memory(string? text) => text is null ? default(ReadOnlyMemory<byte>?) : Sample.Bytes(text);

    private static string Show(SessionData data) =>
        string.Join(' ', data.Entries.ToArray().Select(entry => $"{entry.Key}={Sample.Text(entry.Value.Bytes)}"));
}
