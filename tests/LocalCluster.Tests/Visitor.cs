using System.Net;

namespace ServerSession.Tests;

/// <summary>A person with one cookie jar who uses whichever frontend the load balancer picks.</summary>
public sealed class Visitor : IDisposable
{
    private static readonly TimeSpan Patience = Eventually.Patience;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _client;

    // Cookies do not depend on the port, so all frontends on the loopback address share them.
    public Visitor() => _client = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies, UseProxy = false }) { Timeout = Patience };

    public Task SaveQuoteAsync(Uri frontend, string quote) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Put, new Uri(frontend, "/session/quote/update")) { Content = new StringContent(quote) });

    public Task<string> ReadQuoteAsync(Uri frontend) => SendAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(frontend, "/session/quote")));

    public void Dispose() => _client.Dispose();

    /// <summary>503 is the only answer that a failover may give, and it is tried again, as its Retry-After says.</summary>
    private async Task<string> SendAsync(Func<HttpRequestMessage> request)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            using var response = await _client.SendAsync(request(), patience.Token);
            var body = await response.Content.ReadAsStringAsync(patience.Token);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                Assert.True(response.StatusCode == HttpStatusCode.OK, $"{(int)response.StatusCode}: {body}");
                return body;
            }

            Assert.NotNull(response.Headers.RetryAfter);
            await Task.Delay(Pause, patience.Token);
        }
    }
}
