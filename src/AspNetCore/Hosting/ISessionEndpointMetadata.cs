namespace ServerSession.AspNetCore;

/// <summary>What an endpoint says of its session: the middleware has to stand after routing to know it.</summary>
internal interface ISessionEndpointMetadata
{
    /// <summary>The method that says it.</summary>
    string Name { get; }
}
