namespace ServerSession.Tests;

/// <summary>Every guarantee in docs/guarantees.md names tests, and the tests that it names exist.</summary>
public sealed class GuaranteesTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pages", "guarantees.md"));

    private static readonly string[] Sections = Page.Split("\n## ");

    [Fact]
    public void Evidence_named_exists() => Assert.All(Evidence.In(Page), static named => Assert.True(named.IsATest(), $"{named} is no test."));

    [Fact]
    public void Evidence_named_is_linked_to_its_source() => Assert.Equal(Evidence.MentionsIn(Page), Evidence.In(Page).Count());

    [Fact]
    public void Evidence_that_a_run_of_all_tests_leaves_out_is_said_to_run_by_command() => Assert.All(
        Evidence.In(Page), static named => Assert.True(named.RunsByCommandOnly() == named.SaidToRunByCommand, $"{named} runs {(named.RunsByCommandOnly() ? "by command only" : "with all tests")}, and the page says otherwise."));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Guarantee_has_evidence_and_limits(int number)
    {
        var guarantee = Assert.Single(Sections, section => section.StartsWith($"{number}. ", StringComparison.Ordinal));

        Assert.Contains(Evidence.In(guarantee), static named => !named.RunsByCommandOnly());
        Assert.Contains("\nLimits\n- ", guarantee);
    }

    [Theory]
    [InlineData("[`SnippetTests.Snippet_of_a_page_compiles`](../tests/Docs.Tests/SnippetTests.cs)", true)]
    [InlineData("[`SnippetTests.Snippet_is_gone`](../tests/Docs.Tests/SnippetTests.cs)", false)]
    [InlineData("[`SnippetTests.Errors`](../tests/Docs.Tests/SnippetTests.cs)", false)]
    [InlineData("[`OtherTests.Snippet_of_a_page_compiles`](../tests/Docs.Tests/SnippetTests.cs)", false)]
    [InlineData("[`SnippetTests.Snippet_of_a_page_compiles`](../tests/Docs.Tests/MissingTests.cs)", false)]
    public void Evidence_is_a_test_only_where_its_source_has_it(string link, bool isATest) =>
        Assert.Equal(isATest, Assert.Single(Evidence.In(link)).IsATest());

    [Theory]
    [InlineData("RollingRestartTests", "Rolling_upgrade_from_an_older_build_keeps_sessions_and_fails_no_request_that_is_repeated", "Chaos.Tests/RollingRestartTests.cs", true)]
    [InlineData("DormantRowsTests", "Rows_of_dead_sessions_leave_the_store_after_every_process_was_killed_and_the_living_stay", "Storage.Providers.Tests/Expiry/DormantRowsTests.cs", true)]
    [InlineData("GuaranteesTests", "Guarantee_has_evidence_and_limits", "Docs.Tests/GuaranteesTests.cs", false)]
    [InlineData("GuaranteesTests", "Evidence_named_exists", "Docs.Tests/GuaranteesTests.cs", false)]
    public void Evidence_runs_by_command_only_where_the_test_or_all_of_its_cases_are_explicit(string type, string method, string source, bool byCommandOnly)
    {
        var evidence = Assert.Single(Evidence.In($"[`{type}.{method}`](../tests/{source})"));

        Assert.True(evidence.IsATest());
        Assert.Equal(byCommandOnly, evidence.RunsByCommandOnly());
    }

    [Theory]
    [InlineData("Shown by [`A.B`](../tests/A.cs) and, by command, [`C.D`](../tests/C.cs).", false, true)]
    [InlineData("Shown by\ncommand with [`A.B`](../tests/A.cs) and [`C.D`](../tests/C.cs).", true, false)]
    [InlineData("It runs by command. Shown by [`A.B`](../tests/A.cs) and [`C.D`](../tests/C.cs).", false, false)]
    public void Evidence_is_said_to_run_by_command_where_the_words_lead_to_it(string text, bool first, bool second) =>
        Assert.Equal([first, second], Evidence.In(text).Select(static named => named.SaidToRunByCommand));
}
