using System.Net;

namespace ServerSession.Tests.Secrecy;

/// <summary>
/// Sends requests, remembers the tokens that come where they belong, and writes down everything else of the responses.
/// </summary>
public sealed class SecrecyClient(Uri address, Evidence evidence, string tokenHeader) : IDisposable
{
    private const string Cookie = "__Host-session=";

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = address };
    private readonly List<string> _tokens = [];

    /// <summary>Gets every token that was issued.</summary>
    public IReadOnlyCollection<string> Tokens => _tokens;

    /// <summary>Sends a request with a cookie and returns the token that came back; null where none did.</summary>
    public Task<string?> SendAsync(string method, string path, string? token = null, HttpStatusCode status = HttpStatusCode.OK) =>
        SendAsync(method, path, status, token is null ? [] : [("Cookie", Cookie + token)]);

    /// <summary>Sends a request with headers and returns the token that came back; null where none did.</summary>
    public async Task<string?> SendAsync(string method, string path, HttpStatusCode status, params (string Name, string Value)[] headers)
    {
        const int Tries = 20;
        for (var attempt = 1; ; attempt++)
        {
            var (answered, issued) = await SendOnceAsync(method, path, headers);

            // On a machine that stood still the request was given up, so it changed nothing.
            if (answered == HttpStatusCode.ServiceUnavailable && status != answered && attempt < Tries)
            {
                continue;
            }

            Assert.True(answered == status, $"{method} {path}: {answered}");
            if (!string.IsNullOrEmpty(issued))
            {
                _tokens.Add(issued);
            }

            return issued;
        }
    }

    private async Task<(HttpStatusCode Status, string? Issued)> SendOnceAsync(string method, string path, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        string? issued = null;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Concat(response.TrailingHeaders))
        {
            foreach (var value in values)
            {
                if (name == tokenHeader)
                {
                    issued = value;
                }
                else if (name == "Set-Cookie" && value.StartsWith(Cookie, StringComparison.Ordinal))
                {
                    var end = value.IndexOf(';', StringComparison.Ordinal);
                    issued = value[Cookie.Length..end];
                    evidence.Add("header", $"{name}: {value[end..]}");
                }
                else
                {
                    evidence.Add("header", $"{name}: {value}");
                }
            }
        }

        try
        {
            evidence.Add("body", await response.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException)
        {
            // The server broke the response off; what came before is in no body that a client shows.
        }

        return (response.StatusCode, issued);
    }

    public void Dispose() => _http.Dispose();
}
