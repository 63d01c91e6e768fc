using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace ServerSession.Hosting;

/// <summary>The HTTP address of a host that is given none.</summary>
public static class DefaultAddress
{
    /// <summary>Listens on <paramref name="address"/> where neither <c>--urls</c> nor <c>ASPNETCORE_URLS</c> nor <c>Kestrel:Endpoints</c> says otherwise.</summary>
    public static WebApplicationBuilder UseDefaultAddress(this WebApplicationBuilder builder, string address)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?> { [WebHostDefaults.ServerUrlsKey] = address },
        });
        return builder;
    }
}
