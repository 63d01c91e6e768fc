using ServerSession.Tests;

namespace ServerSession.Tests.Tools;

/// <summary>What the benchmark program does not know it refuses, and says so.</summary>
public class BenchmarkArgumentsTests
{
    private static Arguments Parse(params string[] args) => new("http", args, ["rounds", "only"], arguments: 1);

    [Fact]
    public void Options_that_are_known_are_read()
    {
        var line = Parse("first", "--rounds", "7", "--only", "a, b");

        Assert.Equal("first", line.Argument(0));
        Assert.Equal(7, line.Number("rounds", 3));
        Assert.Equal(["a", "b"], line.List("only"));
        Assert.Equal(["b", "a"], Parse("--only", "b,a").Choices("only", ["a", "b", "c"]));
    }

    [Fact]
    public void Options_that_are_absent_are_the_defaults()
    {
        Assert.Equal(3, Parse().Number("rounds", 3));
        Assert.Equal([1, 2], Parse().Numbers("rounds", "1,2"));
        Assert.Equal(["a", "b"], Parse().Choices("only", ["a", "b"]));
    }

    [Theory]
    [InlineData("'http' has no option '--round'. It has: --rounds, --only.", "--round", "7")]
    [InlineData("'http' has no option '--rounds=7'. It has: --rounds, --only.", "--rounds=7")]
    [InlineData("'http' does not know what to do with 'second'. Its options are: --rounds, --only.", "first", "second")]
    [InlineData("--rounds has no value.", "--rounds")]
    [InlineData("--rounds has no value.", "--rounds", "--only")]
    public void Line_that_is_wrong_is_refused_by_name(string message, params string[] args) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Parse(args)).Message);

    [Theory]
    [InlineData("many")]
    [InlineData("-1")]
    [InlineData("1.5")]
    public void Number_that_is_wrong_is_refused_by_name(string text) =>
        Assert.Equal($"--rounds is '{text}'; it must be a whole number.", Assert.Throws<UsageException>(() => Parse("--rounds", text).Number("rounds", 3)).Message);

    [Fact]
    public void Choice_that_is_unknown_is_refused_by_name() =>
        Assert.Equal("--only has no 'c'. It has: a, b.", Assert.Throws<UsageException>(() => Parse("--only", "a,c").Choices("only", ["a", "b"])).Message);

    [Fact]
    public void Argument_that_is_missing_is_refused() => Assert.Throws<UsageException>(() => Parse().Argument(0));
}
