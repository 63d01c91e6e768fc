namespace ServerSession.AspNetCore;

/// <summary>That the requests of an endpoint end with their session.</summary>
internal sealed class EndWithSessionMetadata : ISessionEndpointMetadata
{
    public string Name => "EndWithSession";
}
