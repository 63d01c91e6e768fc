using System.Net.Http.Headers;
using System.Text.Json;

namespace ServerSession.Tests;

/// <summary>Short words for requests with a session cookie.</summary>
internal static class Http
{
    public const string CookieName = "session";

    public static Task<HttpResponseMessage> SendAsync(
        this TestApp app, string path, string? token = null, HttpMethod? method = null, Action<HttpRequestHeaders>? headers = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, path)
        {
            Version = app.Client.DefaultRequestVersion,
            VersionPolicy = app.Client.DefaultVersionPolicy,
        };
        if (token is not null)
        {
            request.Headers.Add("Cookie", $"{CookieName}={token}");
        }

        headers?.Invoke(request.Headers);
        return app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public static async Task<string> GetTextAsync(this TestApp app, string path, string? token = null) =>
        await (await app.SendAsync(path, token)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    /// <summary>Asks the path, which creates a session, and gives its token.</summary>
    public static async Task<string> NewSessionAsync(this TestApp app, string path = "/set")
    {
        var token = (await app.SendAsync(path)).Token();
        app.Store.Calls.Clear();
        return token ?? throw new InvalidOperationException($"{path} created no session.");
    }

    public static string? Token(this HttpResponseMessage response) =>
        response.SetCookies().Select(static cookie => cookie.Split(';')[0]).Where(static pair => pair.StartsWith(CookieName + "=", StringComparison.Ordinal))
            .Select(static pair => pair[(CookieName.Length + 1)..]).SingleOrDefault(static token => token.Length > 0);

    public static string[] SetCookies(this HttpResponseMessage response) =>
        response.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.ToArray() : [];

    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
