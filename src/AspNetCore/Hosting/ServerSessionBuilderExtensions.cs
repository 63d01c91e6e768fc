using System.Text.Json;
using ServerSession;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses parts of the sessions.</summary>
public static class ServerSessionBuilderExtensions
{
    /// <summary>
    /// Changes how values become JSON: with converters, or with a source-generated context where the application is trimmed or compiled ahead of
    /// time: <c>ConfigureJson(json => json.TypeInfoResolverChain.Insert(0, ShopJson.Default))</c>.
    /// </summary>
    /// <param name="builder">What <c>AddServerSession</c> returned.</param>
    /// <param name="configure">Changes the options; see <see cref="ServerSessionJsonOptions.SerializerOptions"/>.</param>
    public static IServerSessionBuilder ConfigureJson(this IServerSessionBuilder builder, Action<JsonSerializerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure<ServerSessionJsonOptions>(options => configure(options.SerializerOptions));
        return builder;
    }
}
