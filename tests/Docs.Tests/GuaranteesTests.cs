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

        Assert.NotEmpty(Evidence.In(guarantee));
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
}
