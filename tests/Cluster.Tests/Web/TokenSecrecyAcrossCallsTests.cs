using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerSession.Tests.Secrecy;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>The token is a secret across the frontend's calls to its cluster; <see cref="TokenSecrecyTests"/> has the flows and channels of one host.</summary>
public class TokenSecrecyAcrossCallsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Flows_at_trace_level_leave_no_token_or_verifier_in_logs_bodies_or_storage(short silos)
    {
        using var evidence = new Evidence();
        using var logs = new LogRecorder(evidence);
        await using var cluster = await SessionCluster.StartAsync(silos, null, silo =>
        {
            SystemTime.Use(silo);
            silo.ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs));
        });
        await using var frontend = await WebFrontend.StartAsync(
            cluster, logs, services: static services => services.Configure<ServerSessionOptions>(static options => options.RetryBudget = TimeSpan.FromSeconds(6)));
        var tokens = new List<string>();
        var cookie = await Note("PUT", "/write/q");
        await Note("GET", "/read", cookie);
        var rotated = await Note("POST", "/rotate", cookie);
        await Note("GET", "/read", cookie);
        await Note("PUT", "/write/late", cookie);
        await Note("PUT", "/write/again", rotated);
        cluster.Store.BeforeAsync = static operation =>
            operation.Kind == StorageOperationKind.Write ? throw new IOException("no room") : ValueTask.CompletedTask;
        await Note("PUT", "/write/fails", rotated);
        await Note("PUT", "/write/fails-too");
        cluster.Store.BeforeAsync = null;
        await Note("POST", "/destroy", rotated);
        await Note("GET", "/read", rotated);
        Assert.Equal(2, tokens.Count);
        string[] channels = [LogRecorder.Message, LogRecorder.Parameters, LogRecorder.Error, "body", "row"];
        Assert.Subset(evidence.Channels.ToHashSet(), channels.ToHashSet());
        Assert.Empty(evidence.Find(new SecretSearch(tokens)));

        async Task<string?> Note(string method, string path, string? with = null)
        {
            var stalls = Stalls.Total;
            var (status, body, issued) = await frontend.SendAsync(method, path, with);
            evidence.Add("body", body);
            if (status == HttpStatusCode.ServiceUnavailable && cluster.Store.BeforeAsync is null && await Stalls.ExcuseAsync($"{method} {path} was answered 503", stalls))
            {
                (status, body, issued) = await frontend.SendAsync(method, path, with);
                evidence.Add("body", body);
            }

            Assert.True(status != HttpStatusCode.ServiceUnavailable || cluster.Store.BeforeAsync is not null, $"{method} {path} was answered 503.");

            foreach (var row in cluster.Store.RowsOf("session").Values)
            {
                evidence.Add("row", row);
            }

            if (!string.IsNullOrEmpty(issued))
            {
                tokens.Add(issued);
            }

            return issued;
        }
    }
}
