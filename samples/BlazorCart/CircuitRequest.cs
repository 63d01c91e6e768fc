using Microsoft.AspNetCore.SignalR;

namespace BlazorCart;

/// <summary>
/// The request of the connection over which a message of a circuit came. Blazor gives components and circuit handlers none: what a circuit does, it does in
/// answer to messages, long after the request that opened its connection.
/// </summary>
public sealed class CircuitRequest : IHubFilter
{
    private static readonly AsyncLocal<HttpContext?> Present = new();

    /// <summary>The request, while a message is worked on; it is good for the start of a circuit, and nothing is to keep it.</summary>
    public static HttpContext? Current => Present.Value;

    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        Present.Value = invocationContext.Context.GetHttpContext();
        return next(invocationContext);
    }
}
