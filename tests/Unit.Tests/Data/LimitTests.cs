using ServerSession.Tests.Support;

namespace ServerSession.Tests.Data;

public sealed class LimitTests
{
    private static readonly SessionLimits Small = new() { KeyBytes = 6, ValueBytes = 10, Keys = 3, TotalBytes = 30 };

    public static TheoryData<string, SessionChange> OverKey => Changes("secret!", "x");

    public static TheoryData<string, SessionChange> OverValue => Changes("secret", "01234567890");

    [Theory]
    [MemberData(nameof(OverKey))]
    public void Key_that_is_new_over_the_limit_is_refused(string kind, SessionChange change) =>
        AssertTooLarge(SessionData.Empty, SessionLimit.KeyBytes, 1, kind, Sample.Set("a", "1"), change);

    [Theory]
    [MemberData(nameof(OverValue))]
    public void Value_over_the_limit_is_refused(string kind, SessionChange change) =>
        AssertTooLarge(SessionData.Empty, SessionLimit.ValueBytes, 1, kind, Sample.Set("a", "1"), change);

    [Fact]
    public void Key_and_value_at_the_limit_are_kept()
    {
        var edit = Apply(SessionData.Empty, Sample.Set("secret", "0123456789"), Sample.Set("ключ"[..3], ""), SessionChange.Append("l", Sample.Bytes("0123"), 1));

        Assert.Equal(SessionOutcome.Committed, edit.Outcome);
        Assert.Equal(3, edit.Data.Count);
    }

    [Fact]
    public void Key_is_measured_in_bytes_not_characters() =>
        AssertTooLarge(SessionData.Empty, SessionLimit.KeyBytes, 0, "set", Sample.Set("ключ", ""));

    [Fact]
    public void Increment_that_grows_over_the_value_limit_is_refused()
    {
        var data = Sample.Data(("n", "9999999999"));
        AssertTooLarge(data, SessionLimit.ValueBytes, 0, "increment", SessionChange.Increment("n"));
    }

    [Fact]
    public void Keys_and_total_are_measured_at_the_end_of_the_commit()
    {
        SessionChange[] three = [Sample.Set("a", "0123456789"), Sample.Set("b", "0123456789"), Sample.Set("c", "1234567")];
        var full = Apply(SessionData.Empty, three);
        Assert.Equal(SessionOutcome.Committed, full.Outcome);
        Assert.Equal(Small.TotalBytes, full.Data.TotalBytes);

        AssertTooLarge(full.Data, SessionLimit.Keys, -1, "set", Sample.Set("d", ""));
        AssertTooLarge(full.Data, SessionLimit.TotalBytes, -1, "set", Sample.Set("c", "12345678"));
        Assert.Equal(SessionOutcome.Committed, Apply(full.Data, Sample.Set("d", ""), SessionChange.Remove("a")).Outcome);
        Assert.Equal(SessionOutcome.Committed, Apply(full.Data, Sample.Set("d", "0123456789"), SessionChange.Clear(), Sample.Set("e", "")).Outcome);
    }

    [Fact]
    public void Session_over_a_lowered_limit_may_shrink_and_stay_but_not_grow()
    {
        var data = Sample.Data(("a", "0123456789"), ("b", "0123456789"), ("c", "0123456789"), ("d", "0123456789"), ("e", "0123456789"));

        Assert.Equal(SessionOutcome.Committed, Apply(data, SessionChange.Remove("a")).Outcome);
        Assert.Equal(SessionOutcome.Committed, Apply(data, SessionChange.Take("a")).Outcome);
        Assert.Equal(SessionOutcome.Committed, Apply(data, Sample.Set("a", "9876543210")).Outcome);
        Assert.Equal(SessionOutcome.Committed, Apply(data, SessionChange.Remove("a"), Sample.Set("f", "0123456789")).Outcome);
        AssertTooLarge(data, SessionLimit.Keys, -1, "set", Sample.Set("f", ""));
        AssertTooLarge(data, SessionLimit.TotalBytes, -1, "swap", SessionChange.Remove("a"), Sample.Set("long", "0123456789"));
    }

    /// <summary>The limit of a key's length once refused even the removal of a key that was longer since before it was lowered.</summary>
    [Fact]
    public void Key_over_a_lowered_limit_may_be_changed_and_removed()
    {
        var data = Sample.Data(("a long key", "1"));

        Assert.Equal("2", Sample.Text(Apply(data, SessionChange.Increment("a long key")).Data, "a long key"));
        Assert.Equal("x", Sample.Text(Apply(data, Sample.Set("a long key", "x")).Data, "a long key"));
        Assert.Equal(0, Apply(data, SessionChange.Remove("a long key")).Data.Count);
        Assert.Equal("1", Sample.Text(Apply(data, SessionChange.Take("a long key")).Results![0].Value));
        AssertTooLarge(data, SessionLimit.KeyBytes, 1, "set", SessionChange.Remove("a long key"), Sample.Set("a long key", "x"));
    }

    /// <summary>Nothing once limited the number of changes, whose results and operations the grain would hold.</summary>
    [Fact]
    public void Commit_of_too_many_changes_is_refused_before_any_is_applied()
    {
        var changes = Enumerable.Range(0, Small.Changes).Select(number => SessionChange.Remove($"k{number}")).ToArray();

        Assert.Equal(SessionOutcome.Committed, Apply(SessionData.Empty, changes).Outcome);
        AssertTooLarge(SessionData.Empty, SessionLimit.Changes, -1, "removes", [.. changes, SessionChange.Remove("one more")]);
    }

    /// <summary>A sum of more than 2 GiB once became negative and passed the limit.</summary>
    [Fact]
    public void Total_over_two_gibibytes_is_refused()
    {
        var value = new byte[16 * 1024 * 1024];
        var changes = Enumerable.Range(0, 130).Select(number => SessionChange.Set($"k{number}", value)).ToArray();

        var edit = SessionDataEditor.Apply(SessionData.Empty, changes, new() { ValueBytes = value.Length, TotalBytes = 64 * 1024 * 1024 });
        Assert.Equal(SessionLimit.TotalBytes, edit.Refusal?.Limit);
    }

    private static TheoryData<string, SessionChange> Changes(string key, string value) => new()
    {
        { "set", Sample.Set(key, value) },
        { "get or set", SessionChange.GetOrSet(key, Sample.Bytes(value)) },
        { "compare and set", SessionChange.CompareAndSet(key, null, Sample.Bytes(value)) },
        { "append", SessionChange.Append(key, Sample.Bytes(value), 3) },
    };

    private static SessionDataEdit Apply(SessionData data, params SessionChange[] changes) => SessionDataEditor.Apply(data, changes, Small);

    private static void AssertTooLarge(SessionData data, SessionLimit limit, int change, string kind, params SessionChange[] changes)
    {
        var edit = Apply(data, changes);
        Assert.True(edit.Outcome == SessionOutcome.TooLarge, kind);
        Assert.Equal(limit, edit.Refusal!.Limit);
        Assert.Equal(change, edit.Refusal.Change);
        Assert.Same(data, edit.Data);
        Assert.Null(edit.Results);
        Assert.Contains(limit.ToString(), edit.Refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", edit.Refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", edit.Refusal.Message, StringComparison.Ordinal);
    }
}
