namespace ServerSession.Tests;

/// <summary>docs/security.md: the tests that it names exist, each item has its row, and the two items of ASVS about documentation are documented.</summary>
public sealed class SecurityPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pages", "security.md"));

    private static readonly string[] Rows = [.. Page.Split('\n').Where(static line => line.StartsWith("| 3.3.", StringComparison.Ordinal) || line.StartsWith("| 7.", StringComparison.Ordinal))];

    [Fact]
    public void Evidence_named_exists_and_runs_with_all_tests() => Assert.All(
        Evidence.In(Page), static named => Assert.True(named.IsATest() && !named.RunsByCommandOnly(), $"{named} is no test that runs with all tests."));

    [Fact]
    public void Evidence_named_is_linked_to_its_source() => Assert.Equal(Evidence.MentionsIn(Page), Evidence.In(Page).Count());

    [Theory]
    [InlineData("3.3.1")]
    [InlineData("3.3.2")]
    [InlineData("3.3.3")]
    [InlineData("3.3.4")]
    [InlineData("3.3.5")]
    [InlineData("7.1.1")]
    [InlineData("7.1.2")]
    [InlineData("7.2.1")]
    [InlineData("7.2.2")]
    [InlineData("7.2.3")]
    [InlineData("7.2.4")]
    [InlineData("7.3.1")]
    [InlineData("7.3.2")]
    [InlineData("7.4.1")]
    [InlineData("7.4.2")]
    [InlineData("7.4.5")]
    [InlineData("7.5.2")]
    public void Item_that_the_library_shows_has_one_row_with_a_test_of_its_name(string item)
    {
        var row = Assert.Single(Rows, row => row.StartsWith($"| {item} |", StringComparison.Ordinal));

        Assert.Contains(Evidence.In(row), named => named.Class == "AsvsTests" && named.Method.StartsWith($"Asvs_{item.Replace('.', '_')}_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("7.4.3")]
    [InlineData("7.4.4")]
    [InlineData("7.5.1")]
    [InlineData("7.5.3")]
    [InlineData("7.6.1")]
    [InlineData("7.6.2")]
    public void Item_that_is_left_to_the_application_says_what_to_do(string item) =>
        Assert.Single(Rows, row => row.StartsWith($"| {item} |", StringComparison.Ordinal));
}

/// <summary>The two items of OWASP ASVS 5.0 that ask for documentation.</summary>
public sealed class AsvsTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pages", "security.md"));

    [Fact]
    public void Asvs_7_1_1_timeouts_are_documented_as_they_are()
    {
        var options = new ServerSessionOptions();

        Assert.Contains($"`ServerSession:IdleTimeout` | {options.IdleTimeout.TotalMinutes:0} minutes |", Page, StringComparison.Ordinal);
        Assert.Contains($"`ServerSession:AbsoluteLifetime` | {options.AbsoluteLifetime.TotalDays:0} days |", Page, StringComparison.Ordinal);
        Assert.Contains($"`ServerSessionTicketOptions.AbsoluteLifetime` | {new ServerSessionTicketOptions().AbsoluteLifetime.TotalDays:0} days |", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Asvs_7_1_2_number_of_concurrent_sessions_is_documented_as_it_is()
    {
        var subjects = new ServerSessionOptions().Subjects;

        Assert.Contains($"`ServerSession:Subjects:MaximumSessions` | {(subjects.MaximumSessions is int most and > 0 ? $"{most}" : "no limit")} |", Page, StringComparison.Ordinal);
        Assert.Contains($"`ServerSession:Subjects:WhenFull` | `{subjects.WhenFull}` |", Page, StringComparison.Ordinal);
    }
}
