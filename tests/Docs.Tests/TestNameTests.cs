namespace ServerSession.Tests;

/// <summary>All tests are named in one way, so that their names read as the list of what the product promises.</summary>
public sealed class TestNameTests
{
    [Fact]
    public void Name_of_each_test_has_the_form()
    {
        var names = TestName.In(Path.Combine(AppContext.BaseDirectory, "sources", "tests")).ToArray();

        Assert.True(names.Length > 1000, $"{names.Length} tests were found.");
        Assert.Equal("", string.Join('\n', names.Where(static name => name.Fault() is not null).Select(static name => $"{name} {name.Fault()}.")));
    }

    [Theory]
    [InlineData("Commit_of_one_key_is_stored", null)]
    [InlineData("TryFind_of_an_id_finds_it", null)]
    [InlineData("Start_with_UseRouting_on_Kestrel_works", null)]
    [InlineData("Commit_is503AndLeavesTheCookie_again", "'is503AndLeavesTheCookie' not in lower case")]
    [InlineData("Commit_WhenGone_is_refused", "'WhenGone' not in lower case")]
    [InlineData("CommitWhenItIsGone", "three or more words")]
    [InlineData("Commit_works", "three or more words")]
    [InlineData("commit_of_one_key_is_stored", "three or more words")]
    [InlineData("A_session_is_gone", "begins with 'A'")]
    [InlineData("Every_session_is_gone", "begins with 'Every'")]
    [InlineData("Destroyed_session_is_gone", "the state 'Destroyed'")]
    [InlineData("UnknownKey_of_a_ring_is_refused", "'UnknownKey', which its file does not use")]
    [InlineData("Start_on_redis_works", "the proper name 'redis'")]
    public void Fault_of_a_name_is_told(string method, string? fault)
    {
        var name = Assert.Single(TestName.Of("KeyTests.cs", $$"""class KeyTests { [Fact] public void {{method}}() => ring.TryFind(id); void Helper() { } }"""));

        Assert.True(fault is null ? name.Fault() is null : name.Fault()?.Contains(fault, StringComparison.Ordinal) is true, name.Fault());
    }

    [Fact]
    public void Fault_of_a_class_without_the_ending_is_told() =>
        Assert.Contains("'Tests'", Assert.Single(TestName.Of("Key.cs", "class Key { [Theory, InlineData(1)] public void Commit_of_one_key_is_stored(int key) { } }")).Fault());
}
