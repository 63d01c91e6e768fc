using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace ServerSession.Tests;

/// <summary>What a browser keeps: an address and cookies. The cookies stay when the server goes.</summary>
public sealed class Browser : IDisposable
{
    private readonly HttpClient _client;

    public Browser(Uri address)
    {
        _client = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = address };
    }

    public CookieContainer Cookies { get; } = new();

    public void Dispose() => _client.Dispose();

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _client.SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, null, headers);

    public Task<HttpResponseMessage> PutAsync(string path, string text, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Put, path, new StringContent(text, Encoding.UTF8), headers);

    public Task<HttpResponseMessage> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async Task<string> ReadQuoteAsync() => await TextAsync(await GetAsync("/session/quote"));

    public async Task SaveQuoteAsync(string quote) => Assert.Equal(quote, await TextAsync(await PutAsync("/session/quote/update", quote)));

    public async Task<JsonElement> DescribeAsync()
    {
        using var response = await GetAsync("/session");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>The body of a successful plain text answer.</summary>
    public static async Task<string> TextAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{(int)response.StatusCode}: {body}");
            Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
            return body;
        }
    }

    /// <summary>The detail of a problem answer.</summary>
    public static async Task<string> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} instead of {(int)status}: {body}");
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var problem = JsonSerializer.Deserialize<JsonElement>(body);
            Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
            Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty("title").GetString()), body);
            var detail = problem.GetProperty("detail").GetString();
            Assert.False(string.IsNullOrWhiteSpace(detail), body);
            return detail!;
        }
    }
}
