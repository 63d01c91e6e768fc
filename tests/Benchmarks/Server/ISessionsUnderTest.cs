using Microsoft.AspNetCore.Builder;

namespace ServerSession.Benchmarks.Server;

/// <summary>
/// A way to keep sessions in the app. Every endpoint answers a GET with 100 bytes of text, so that a request costs the server the same but
/// for its session; one that does not find its session's value fails.
/// </summary>
internal interface ISessionsUnderTest
{
    void AddServices(WebApplicationBuilder builder, ServerOptions options);

    void Use(WebApplication app);

    /// <summary>Maps <c>/create</c>, which sets the cookie, and <see cref="Endpoint.All"/>.</summary>
    void Map(WebApplication app);
}
