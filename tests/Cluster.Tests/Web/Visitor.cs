using System.Net;

namespace ServerSession.Tests.Web;

/// <summary>A browser's cookies, sent to whichever frontend the test names.</summary>
internal sealed class Visitor
{
    private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);

    /// <summary>The cookies by name, with their values.</summary>
    public IReadOnlyDictionary<string, string> Cookies => _cookies;

    /// <summary>The Set-Cookie headers of the last response.</summary>
    public string[] LastSetCookies { get; private set; } = [];

    /// <summary>Sends a request with all cookies and keeps those of the response.</summary>
    public async Task<(HttpStatusCode Status, string Body)> SendAsync(
        WebFrontend frontend, string method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (_cookies.Count > 0)
        {
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", _cookies.Select(static cookie => $"{cookie.Key}={cookie.Value}")));
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await frontend.Http.SendAsync(request);
        LastSetCookies = response.Headers.TryGetValues("Set-Cookie", out var values) ? [.. values] : [];
        foreach (var header in LastSetCookies)
        {
            Keep(header);
        }

        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public Task<(HttpStatusCode Status, string Body)> GetAsync(WebFrontend frontend, string path) => SendAsync(frontend, "GET", path);

    public Task<(HttpStatusCode Status, string Body)> PostAsync(WebFrontend frontend, string path) => SendAsync(frontend, "POST", path);

    /// <summary>A second browser with the same cookies: what a thief of them has.</summary>
    public Visitor Copy()
    {
        var copy = new Visitor();
        foreach (var (name, value) in _cookies)
        {
            copy._cookies[name] = value;
        }

        return copy;
    }

    private void Keep(string header)
    {
        var pair = header.Split(';')[0];
        var (name, value) = (pair[..pair.IndexOf('=')], pair[(pair.IndexOf('=') + 1)..]);
        if (value.Length == 0 || header.Contains("expires=Thu, 01 Jan 1970", StringComparison.OrdinalIgnoreCase))
        {
            _cookies.Remove(name);
        }
        else
        {
            _cookies[name] = value;
        }
    }
}
