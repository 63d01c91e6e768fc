using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace ServerSession.Tests;

/// <summary>The log events in docs/migrating.md are those that ASP.NET Core writes, and those that stand beside them are written here.</summary>
public sealed partial class MigratingTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pages", "migrating.md"));

    private static readonly string[] Rows = [.. Page.Split('\n').Where(static line => EventRow().IsMatch(line))];

    [Fact]
    public void Table_has_each_event_of_the_session_middleware_with_its_level()
    {
        var events = EventsOf(typeof(Microsoft.AspNetCore.Session.SessionMiddleware).Assembly).Where(static written => written.EventId is > 0 and < 100);

        Assert.Equal(
            events.OrderBy(static written => written.EventId).Select(static written => $"| {written.EventId} `{written.EventName}` ({written.Level}) |"),
            Rows.Select(static row => row[..(row.IndexOf(" |", StringComparison.Ordinal) + 2)]));
    }

    [Fact]
    public void Events_named_beside_those_of_others_are_written_here()
    {
        Assembly[] ours = [typeof(ServerSessionOptions).Assembly, typeof(SessionGrainOptions).Assembly];
        var written = ours.SelectMany(EventsOf).Select(static own => $"{own.EventId} `{own.EventName}`").ToHashSet();
        var named = EventName().Matches(Page).Select(static match => match.Value).Distinct().ToArray();

        Assert.True(named.Length > 5);
        Assert.All(named, name => Assert.Contains(name, written));
    }

    private static IEnumerable<LoggerMessageAttribute> EventsOf(Assembly assembly) => assembly.GetTypes()
        .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Select(static method => method.GetCustomAttribute<LoggerMessageAttribute>())
        .OfType<LoggerMessageAttribute>();

    [GeneratedRegex(@"^\| \d+ `\w+` \(\w+\) \|")]
    private static partial Regex EventRow();

    [GeneratedRegex(@"\b[25]\d{3} `\w+`")]
    private static partial Regex EventName();
}
