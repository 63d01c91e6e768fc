using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace ServerSession.Tests.Wire;

/// <summary>
/// During a rolling upgrade frontends and silos of two builds talk to each other. <c>GoldenMessages.txt</c> has the bytes of every message as builds wrote
/// them: this build reads all of them, and writes what the newest row has, which the build before read.
/// </summary>
public sealed class GoldenMessageTests : IDisposable
{
    private const string Rule = "Numbers and aliases that were written once are never used for anything else and never change: a build of before and this one run at the same time in a rolling upgrade.";

    private readonly WireBodies _bodies = new();

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, WireRow.Committed().Count)];

    [Theory, MemberData(nameof(Rows))]
    public void Read_of_every_row_finds_the_values_that_were_written(int index)
    {
        var row = WireRow.Committed()[index];
        string read;
        try
        {
            read = WireText.Of(_bodies.Read(Convert.FromBase64String(row.Bytes)));
        }
        catch (Exception exception)
        {
            read = $"{exception.GetType().Name}: {exception.Message}";
        }

        Assert.True(row.Values == read, $"""
            Other builds send '{row.Name}' in these bytes, and this build does not read what they mean.
            They mean: {row.Values}
            It reads:  {read}
            {Rule}
            Give the member its number back, or the type or method its alias. A new member takes a new number, and a default that means what builds without it did.
            If nothing but a name of C# changed, change it in the second line of the row in {WireRow.File}.
            """);
    }

    [Fact]
    public async Task Write_of_every_message_makes_the_bytes_of_its_newest_row()
    {
        var committed = WireRow.Committed().GroupBy(static row => row.Name).ToDictionary(static rows => rows.Key, static rows => rows.Last());
        var changed = (await WireSamples.WriteAsync(_bodies)).Where(row => !committed.TryGetValue(row.Name, out var last) || last != row).ToArray();

        Assert.True(changed.Length == 0, $"""
            This build writes other messages than the newest rows of {WireRow.File} have.
            {Rule}
            If a number, an alias or a type changed, undo it. If a method, or a member with a number of its own, is new, add the rows below to the end of the file; the rows that stand there stay.

            {string.Join('\n', changed.Select(static row => row.ToString()))}
            """);
    }

    [Fact]
    public async Task Contract_of_the_wire_has_a_row_for_each_method_result_and_member()
    {
        var bodies = (await WireSamples.WriteAsync(_bodies)).Select(row => _bodies.Read(Convert.FromBase64String(row.Bytes))).ToArray();
        var types = typeof(ISessionGrain).Assembly.GetTypes();
        var methods = types.Where(static type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable))).SelectMany(static type => type.GetMethods()).ToArray();

        var calls = bodies.OfType<IInvokable>().Select(static call => $"{call.GetInterfaceType().Name}.{call.GetMethodName()}").ToHashSet();
        var results = bodies.OfType<Response>().Select(static reply => reply.Exception is null ? reply.Result?.GetType() : null).ToHashSet();
        var members = bodies.SelectMany(WireText.Messages)
            .SelectMany(static message => WireMember.AllOf(message.GetType()).Where(member => !WireText.IsNothing(member.Of(message))))
            .Select(static member => member.ToString()).ToHashSet();
        string[] missing =
        [
            .. methods.Select(static method => $"{method.DeclaringType!.Name}.{method.Name}").Where(name => !calls.Contains(name)),
            .. methods.Select(static method => method.ReturnType.GenericTypeArguments.SingleOrDefault()).Distinct().Where(type => !results.Contains(type)).Select(static type => $"reply {type}"),
            .. types.SelectMany(WireMember.AllOf).Select(static member => member.ToString()).Where(name => !members.Contains(name)),
        ];

        Assert.True(missing.Length == 0, $"Give these a value in {nameof(WireSamples)}, so that their bytes are kept: {string.Join(", ", missing)}.");
    }

    [Fact]
    public async Task Read_of_a_message_without_its_optional_members_finds_their_defaults()
    {
        var messages = (await WireSamples.WriteAsync(_bodies)).SelectMany(row => WireText.Messages(_bodies.Read(Convert.FromBase64String(row.Bytes))))
            .Where(static message => WireMember.AllOf(message.GetType()).Any(static member => member.IsOptional)).ToArray();
        Assert.NotEmpty(messages);
        foreach (var message in messages)
        {
            var members = WireMember.AllOf(message.GetType()).ToArray();
            var read = _bodies.Read(_bodies.WriteMembers(message, members.Where(static member => !member.IsOptional)));
            var fresh = Activator.CreateInstance(message.GetType())!;
            foreach (var member in members)
            {
                Assert.Equal($"{member} = {WireText.Of(member.Of(member.IsOptional ? fresh : message))}", $"{member} = {WireText.Of(member.Of(read))}");
            }
        }
    }

    [Fact]
    public async Task Read_of_a_message_with_a_member_of_a_later_build_passes_over_it()
    {
        var messages = (await WireSamples.WriteAsync(_bodies)).SelectMany(row => WireText.Messages(_bodies.Read(Convert.FromBase64String(row.Bytes)))).ToArray();
        foreach (var message in messages)
        {
            var later = new WireMember(99, typeof(Later).GetField(nameof(Later.Text), BindingFlags.Static | BindingFlags.NonPublic)!);

            var read = _bodies.Read(_bodies.WriteMembers(message, [.. WireMember.AllOf(message.GetType()), later]));

            Assert.Equal(WireText.Of(message), WireText.Of(read));
        }
    }

    public void Dispose() => _bodies.Dispose();

    private static class Later
    {
        internal static readonly string Text = "said by a later build";
    }
}
