using System.Collections.Concurrent;
using System.Text.Json;

namespace ServerSession.Tests;

/// <summary>Somebody with a browser: tabs that share cookies and cache, and what the browser complained of in them.</summary>
public sealed class Person : IAsyncDisposable
{
    /// <summary>How long something may take that must happen, in milliseconds.</summary>
    public const int Patience = 90_000;

    private readonly ConcurrentQueue<string> _complaints = new();

    public Person(WebHostSite site, IBrowserContext profile)
    {
        Site = site;
        Profile = profile;
        profile.SetDefaultTimeout(Patience);
        profile.Console += (_, message) => Note(message);
        profile.WebError += (_, error) => _complaints.Enqueue(error.Error);
    }

    public WebHostSite Site { get; }

    public IBrowserContext Profile { get; }

    /// <summary>Gets the errors in the console: of scripts, of loading, of the Content-Security-Policy.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    public async Task<QuotePage> OpenQuoteAsync()
    {
        var page = new QuotePage(await Profile.NewPageAsync());
        await page.Tab.GotoAsync("/");
        await page.IsReadyAsync();
        return page;
    }

    public async Task<ManagePage> OpenManageAsync()
    {
        var page = new ManagePage(await Profile.NewPageAsync());
        await page.Tab.GotoAsync("/manage");
        return page;
    }

    /// <summary>The session's cookie as the browser keeps it; null where it keeps none.</summary>
    public async Task<BrowserContextCookiesResult?> CookieAsync() => (await Profile.CookiesAsync()).SingleOrDefault();

    /// <summary>The id of the session, asked with the browser's cookie; null where there is none.</summary>
    public async Task<string?> SessionIdAsync()
    {
        var answer = await Profile.APIRequest.GetAsync("/session");
        return answer.Status == 404 ? null : (await answer.JsonAsync()).GetValueOrDefault().GetProperty("id").GetString();
    }

    /// <summary>Waits until the server has ended the session, whatever the browser was told of it so far.</summary>
    public async Task SessionIsGoneAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await SessionIdAsync() is not null)
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync() => await Profile.DisposeAsync();

    private void Note(IConsoleMessage message)
    {
        // A page asks whether there is a session, and Chromium logs every 404, also one that is the answer no.
        var isAnswerNo = message.Text.Contains("404", StringComparison.Ordinal) && message.Location.StartsWith($"{Site.Address}session:", StringComparison.Ordinal);
        if (message.Type is "error" or "warning" && !isAnswerNo)
        {
            _complaints.Enqueue($"{message.Text} ({message.Location})");
        }
    }
}
