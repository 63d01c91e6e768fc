using System.Collections;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace ServerSession.Tests.Wire;

/// <summary>What a message says, in words. Members with the value that a sender without them would mean are left out.</summary>
internal static class WireText
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        IInvokable call => $"{call.GetInterfaceType().Name}.{call.GetMethodName()}({string.Join(", ", Enumerable.Range(0, call.GetArgumentCount()).Select(index => Of(call.GetArgument(index))))})",
        Response { Exception: { } exception } => $"exception {exception.GetType().Name} '{exception.Message}'",
        Response { Result: null } => "no result",
        Response response => $"result {Of(response.Result)}",
        string text => $"'{text}'",
        GrainReference reference => $"reference {reference.GrainId} {reference.InterfaceType}",
        byte[] bytes => Convert.ToHexStringLower(bytes),
        ReadOnlyMemory<byte> bytes => Convert.ToHexStringLower(bytes.Span),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        _ when WireMember.IsOfContract(value.GetType()) => OfMembers(value),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Every message in a body, from the outside to the inside.</summary>
    public static IEnumerable<object> Messages(object? value)
    {
        if (value is null or string)
        {
            yield break;
        }

        IEnumerable<object?> inner = value switch
        {
            IInvokable call => Enumerable.Range(0, call.GetArgumentCount()).Select(call.GetArgument),
            Response { Exception: null } response => [response.Result],
            _ when WireMember.IsOfContract(value.GetType()) => WireMember.AllOf(value.GetType()).Select(member => member.Of(value)),
            IEnumerable items => items.Cast<object?>(),
            _ => [],
        };
        if (WireMember.IsOfContract(value.GetType()))
        {
            yield return value;
        }

        foreach (var message in inner.SelectMany(Messages))
        {
            yield return message;
        }
    }

    /// <summary>Whether a value says nothing: what a member has that was never set.</summary>
    public static bool IsNothing(object? value) => value switch
    {
        null or "" => true,
        ReadOnlyMemory<byte> bytes => bytes.IsEmpty,
        GrainReference => false,
        ValueType number => number.Equals(Activator.CreateInstance(number.GetType())),
        ICollection items => items.Count == 0,
        _ => false,
    };

    private static string OfMembers(object message)
    {
        var members = WireMember.AllOf(message.GetType())
            .Select(member => (member.Member.Name, Value: member.Of(message)))
            .Where(static member => !IsNothing(member.Value))
            .Select(static member => $"{member.Name} = {Of(member.Value)}");
        return $"{message.GetType().Name} {{ {string.Join(", ", members)} }}";
    }
}
