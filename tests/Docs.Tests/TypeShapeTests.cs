namespace ServerSession.Tests;

/// <summary>The class is the unit of reading: none is large, and none hides its size in parts.</summary>
public sealed class TypeShapeTests
{
    private const int MostLines = 300;

    [Theory]
    [InlineData("Abstractions", 30)]
    [InlineData("AspNetCore", 100)]
    [InlineData("Core", 20)]
    [InlineData("Grains", 80)]
    [InlineData("Hosting", 30)]
    [InlineData("Storage.Sqlite", 25)]
    [InlineData("WebHost", 10)]
    public void Classes_of_a_project_are_small_and_whole(string project, int least)
    {
        var types = TypeShape.In(Path.Combine(AppContext.BaseDirectory, "sources", "src", project)).ToArray();

        Assert.True(types.Length > least, $"{types.Length} types were found.");
        string[] faults = [.. types.Select(static type => type.Fault(MostLines)).OfType<string>()];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Session_grain_is_a_shell_of_120_lines_at_most()
    {
        var grain = Assert.Single(TypeShape.In(Path.Combine(AppContext.BaseDirectory, "sources", "src", "Grains")), static type => type.Name == "SessionGrain`0");

        Assert.True(grain.Fault(120) is null, grain.Fault(120));
    }

    [Theory]
    [InlineData("partial class Key { int _a; }", "partial class Key { int _b; }", "compose it of classes instead of parts")]
    [InlineData("partial class Key { int _a; }", "class Other;", "no generator completes it")]
    [InlineData("class Key {\n\n\n\n }", "class Other;", "has 4 lines")]
    [InlineData("class Key<T> { int _a; }", "class Key { int _b; }", null)]
    [InlineData("partial class Key { [LoggerMessage(1)] partial void Log(); }", "class Other;", null)]
    public void Fault_of_a_type_is_told(string one, string other, string? fault)
    {
        var faults = TypeShape.Of([("One.cs", one), ("Other.cs", other)]).Select(static type => type.Fault(3)).OfType<string>().ToArray();

        Assert.True(fault is null ? faults.Length == 0 : Assert.Single(faults).Contains(fault, StringComparison.Ordinal), string.Join('\n', faults));
    }

    [Fact]
    public void Fault_of_a_type_whose_log_messages_stand_apart_is_none() =>
        Assert.Null(Assert.Single(TypeShape.Of([("Key.cs", "partial class Key { int _a; }"), ("Key.Log.cs", "partial class Key { int _b; }")])).Fault(3));
}
