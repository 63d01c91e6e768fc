using System.Buffers.Text;
using System.Text;
using Microsoft.Extensions.Logging;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>Law 7: the token appears in Set-Cookie and nowhere else.</summary>
public class Law7TokenIsSecretTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Flows_at_trace_level_leave_no_token_or_verifier_in_logs_bodies_or_storage(short silos)
    {
        using var logs = new TraceCollector();
        await using var cluster = await SessionCluster.StartAsync(silos, null, silo =>
        {
            SystemTime.Use(silo);
            silo.ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs));
        });
        await using var frontend = await WebFrontend.StartAsync(cluster, logs);
        var tokens = new List<string>();
        var bodies = new List<string>();
        var rows = new List<byte[]>();
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
        Assert.NotEmpty(logs.Lines);
        Assert.NotEmpty(rows);

        foreach (var token in tokens)
        {
            var bytes = Base64Url.DecodeFromChars(token);
            var verifier = bytes.AsSpan(19, 16).ToArray();
            string[] spellings = [token, token[..40], token[^40..], Convert.ToHexString(verifier), Convert.ToHexStringLower(verifier), Convert.ToBase64String(verifier)[..20], Base64Url.EncodeToString(verifier)[..20]];
            foreach (var spelling in spellings)
            {
                Assert.DoesNotContain(logs.Lines, line => line.Contains(spelling, StringComparison.OrdinalIgnoreCase));
                Assert.DoesNotContain(bodies, body => body.Contains(spelling, StringComparison.OrdinalIgnoreCase));
            }

            Assert.DoesNotContain(rows, row => row.AsSpan().IndexOf(verifier) >= 0);
            Assert.DoesNotContain(rows, row => row.AsSpan().IndexOf(Encoding.ASCII.GetBytes(token)) >= 0);
        }

        async Task<string?> Note(string method, string path, string? with = null)
        {
            var (_, body, issued) = await frontend.SendAsync(method, path, with);
            bodies.Add(body);
            rows.AddRange(cluster.Store.RowsOf("session").Values);
            if (!string.IsNullOrEmpty(issued))
            {
                tokens.Add(issued);
            }

            return issued;
        }
    }
}
