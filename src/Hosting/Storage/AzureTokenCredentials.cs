using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;
using ServerSession.Grains;

namespace ServerSession.Hosting;

/// <summary>
/// Lets the Azure Storage providers sign in with a token where the connection string is the address of a service, such as
/// <c>https://account.table.core.windows.net</c>: with the workload's or managed identity in Azure, with the developer's own account elsewhere
/// (<see cref="DefaultAzureCredential"/>, which reads <c>AZURE_CLIENT_ID</c> and its like). An address that carries a shared access signature, and a connection
/// string with a key, are used as they are. An application replaces the credential by registering a <see cref="TokenCredential"/>.
/// </summary>
public static class AzureTokenCredentials
{
    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton<TokenCredential>(static _ => new DefaultAzureCredential());
        if (Address(configuration, OrleansKeys.SessionStorage) is { } storage)
        {
            services.AddOptions<AzureTableStorageOptions>("sessions").PostConfigure<IServiceProvider>((options, provider) =>
                options.TableServiceClient = new TableServiceClient(storage, provider.GetRequiredService<TokenCredential>(), options.ClientOptions));
            services.AddOptions<AzureBlobStorageOptions>("sessions").PostConfigure<IServiceProvider>((options, provider) =>
                options.BlobServiceClient = new BlobServiceClient(storage, provider.GetRequiredService<TokenCredential>(), options.ClientOptions));
        }

        if (Address(configuration, OrleansKeys.Clustering) is { } clustering)
        {
            services.AddOptions<AzureStorageClusteringOptions>().PostConfigure<IServiceProvider>((options, provider) =>
                options.TableServiceClient = new TableServiceClient(clustering, provider.GetRequiredService<TokenCredential>(), options.ClientOptions));
            services.AddOptions<AzureStorageGatewayOptions>().PostConfigure<IServiceProvider>((options, provider) =>
                options.TableServiceClient = new TableServiceClient(clustering, provider.GetRequiredService<TokenCredential>(), options.ClientOptions));
        }
    }

    /// <summary>The address in a provider's section; null where it gives a key, a signature or no address at all.</summary>
    private static Uri? Address(IConfiguration configuration, string section)
    {
        var values = configuration.GetSection(section);
        if (!string.IsNullOrEmpty(values["ServiceKey"]))
        {
            return null;
        }

        var connection = values["ConnectionString"] is { Length: > 0 } direct ? direct
            : values["ConnectionName"] is { Length: > 0 } name ? configuration.GetConnectionString(name)
            : null;
        return Uri.TryCreate(connection, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && address.Query.Length == 0 ? address : null;
    }
}
