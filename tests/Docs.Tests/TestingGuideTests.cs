namespace ServerSession.Tests;

/// <summary>The application in docs/testing.md is the one that this repository's own tests run.</summary>
public sealed class TestingGuideTests
{
    [Fact]
    public void Application_in_the_page_is_the_sample()
    {
        var snippet = Assert.Single(Snippet.All(), static snippet => snippet.Page == "testing.md");

        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "sources", "samples", "Shop", "Program.cs")).TrimEnd(), snippet.Code.TrimEnd());
    }
}
