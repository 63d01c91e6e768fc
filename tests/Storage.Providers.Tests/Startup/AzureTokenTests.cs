using System.Net;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;
using ServerSession.Tests.Silos;

namespace ServerSession.Tests.Startup;

/// <summary>The address of an Azure service is reached with a token, a connection string with a key is not.</summary>
public sealed class AzureTokenTests
{
    private const string Storage = "Orleans:GrainStorage:sessions:";
    private const string Clustering = "Orleans:Clustering:";

    [Fact]
    public async Task Address_of_a_table_service_is_called_with_a_token()
    {
        var wire = new Recorder();
        await using var silo = Build("AzureTableStorage", "https://account.table.core.windows.net", services =>
        {
            services.Configure<AzureTableStorageOptions>("sessions", options => options.ClientOptions = new TableClientOptions { Transport = wire });
            services.Configure<AzureStorageClusteringOptions>(options => options.ClientOptions = new TableClientOptions { Transport = wire });
        });

        await Ignore(silo.Services.GetRequiredService<IOptionsMonitor<AzureTableStorageOptions>>().Get("sessions").TableServiceClient!.GetTableClient("t").CreateAsync());
        await Ignore(silo.Services.GetRequiredService<IOptions<AzureStorageClusteringOptions>>().Value.TableServiceClient!.GetTableClient("t").CreateAsync());

        Assert.Equal(["account.table.core.windows.net Bearer known", "account.table.core.windows.net Bearer known"], wire.Calls);
    }

    [Fact]
    public async Task Address_of_a_blob_service_is_called_with_a_token()
    {
        var wire = new Recorder();
        await using var silo = Build("AzureBlobStorage", "https://account.blob.core.windows.net", services =>
            services.Configure<AzureBlobStorageOptions>("sessions", options => options.ClientOptions = new BlobClientOptions { Transport = wire }));

        await Ignore(silo.Services.GetRequiredService<IOptionsMonitor<AzureBlobStorageOptions>>().Get("sessions").BlobServiceClient!.GetBlobContainerClient("c").CreateAsync());

        Assert.Equal(["account.blob.core.windows.net Bearer known"], wire.Calls);
    }

    [Fact]
    public async Task Address_with_a_signature_is_called_with_that_alone()
    {
        await using var silo = Build("AzureBlobStorage", "https://account.blob.core.windows.net?sv=2024-01-01&sig=abc", static _ => { });

        var client = silo.Services.GetRequiredService<IOptionsMonitor<AzureBlobStorageOptions>>().Get("sessions").BlobServiceClient!;

        Assert.Equal("?sv=2024-01-01&sig=abc", client.Uri.Query);
    }

    private static TestSilo Build(string provider, string connection, Action<IServiceCollection> configure) => TestSilo.Build(
        new Dictionary<string, string?>
        {
            [Storage + "ProviderType"] = provider,
            [Storage + "ConnectionString"] = connection,
            [Clustering + "ProviderType"] = "AzureTableStorage",
            [Clustering + "ConnectionString"] = "https://account.table.core.windows.net",
        },
        services =>
        {
            services.AddSingleton<TokenCredential>(new KnownToken());
            configure(services);
        });

    private static async Task Ignore(Task call)
    {
        try
        {
            await call;
        }
        catch (Azure.RequestFailedException)
        {
            // The recorder answers nothing that the client could use.
        }
    }

    private sealed class KnownToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("known", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }

    /// <summary>Refuses every request, and remembers to whom it went and how it was signed.</summary>
    private sealed class Recorder : HttpClientTransport
    {
        public Recorder()
            : this([])
        {
        }

        private Recorder(List<string> calls)
            : base(new HttpClient(new Refusing(calls)))
        {
            Calls = calls;
        }

        public List<string> Calls { get; }
    }

    private sealed class Refusing(List<string> calls) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            calls.Add($"{request.RequestUri!.Host} {request.Headers.Authorization}");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new ByteArrayContent([]) });
        }
    }
}
