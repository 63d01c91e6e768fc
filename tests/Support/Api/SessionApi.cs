using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace ServerSession.Tests.Api;

/// <summary>The WebHost's addresses with the cookie in the caller's hand, so that old tokens can be shown again.</summary>
public sealed class SessionApi(Uri address) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(60),
    };

    public Task<Answer> DescribeAsync(string cookie) => SendAsync(HttpMethod.Get, "/session", cookie);

    public Task<Answer> ReadAsync(string cookie, string key) => SendAsync(HttpMethod.Get, $"/session/data/{key}", cookie);

    public Task<Answer> WriteAsync(string? cookie, string key, string value) =>
        SendAsync(HttpMethod.Put, $"/session/data/{key}", cookie, new StringContent(value, Encoding.UTF8));

    /// <summary>Makes a session and returns its cookie; a host that has just started, or whose machine stood still, may answer 503 first.</summary>
    public async Task<string> CreateAsync(string key, string value)
    {
        Answer answer = default;
        await Eventually.HoldsAsync(async () => (answer = await WriteAsync(null, key, value)).Cookie is not null, () => $"a session was made: {answer}");
        return answer.Cookie!;
    }

    public Task<Answer> RemoveAsync(string cookie, string key) => SendAsync(HttpMethod.Delete, $"/session/data/{key}", cookie);

    public Task<Answer> IncrementAsync(string cookie, string key) => SendAsync(HttpMethod.Post, $"/session/increment/{key}", cookie);

    public Task<Answer> RotateAsync(string cookie) => SendAsync(HttpMethod.Post, "/session/rotate", cookie);

    public Task<Answer> DestroyAsync(string cookie) => SendAsync(HttpMethod.Post, "/session/destroy", cookie);

    public Task<Answer> ReadyAsync() => SendAsync(HttpMethod.Get, "/health/ready", null);

    public void Dispose() => _client.Dispose();

    private async Task<Answer> SendAsync(HttpMethod method, string path, string? cookie, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        try
        {
            using var response = await _client.SendAsync(request);
            return new(response.StatusCode, await response.Content.ReadAsStringAsync(), NewCookie(response.Headers));
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException)
        {
            return new(null, broken.Message, null);
        }
    }

    private static string? NewCookie(HttpResponseHeaders headers) =>
        headers.TryGetValues("Set-Cookie", out var cookies)
            ? cookies.Select(static cookie => cookie.Split(';')[0]).SingleOrDefault(static cookie => !cookie.EndsWith('='))
            : null;
}
