using System.Security.Cryptography;
using System.Text;

namespace ServerSession.WebHost;

/// <summary>
/// The session cookie's name in Development where this process is a separate cluster. Browsers ignore the port when they send cookies, so two such WebHosts on
/// one
/// machine, each with separate keys, would overwrite each other's cookie; the folder that holds sessions and keys tells them apart, also over
/// a restart on other ports. Frontends of one cluster share the library's default name.
/// </summary>
internal static class DevelopmentCookie
{
    /// <summary>Names the cookie where the configuration does not.</summary>
    public static void AddDevelopmentCookie(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (!builder.Environment.IsDevelopment()
            || string.Equals(configuration["ServerSession:Mode"], "Client", StringComparison.OrdinalIgnoreCase)
            || configuration.GetSection("Orleans:Clustering").Exists())
        {
            return;
        }

        var folder = Path.GetFullPath(configuration["ServerSession:DataDirectory"] is { Length: > 0 } directory ? directory : "data", builder.Environment.ContentRootPath);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)).AsSpan(0, 4));
        builder.Services.Configure<ServerSessionOptions>(options => options.Cookie.Name ??= $"session-WebHost-{hash}");
    }
}
