using System.Diagnostics;
using System.Net;

namespace ServerSession.Tests;

/// <summary><c>GET /session/events</c>: what a page hears of its session.</summary>
public sealed class EventStreamTests
{
    private const int ShortLived = 5;

    [Fact]
    public async Task Destroy_on_one_client_frontend_is_told_to_the_stream_on_the_other()
    {
        using var folder = new TempFolder();
        var silo = new WebHostSite(folder.Path);
        await using var siloProcess = await HostProcess.StartAsync("Silo", folder.Path, silo.Arguments);
        string[] client = ["--ServerSession:Mode=Client", $"--Orleans:Endpoints:GatewayPort={silo.GatewayPort}"];
        var left = new WebHostSite(folder.Path);
        var right = new WebHostSite(folder.Path);
        await using var leftProcess = await left.StartReadyAsync(client);
        await using var rightProcess = await right.StartReadyAsync(client);
        using var browser = left.Browse();
        await browser.SaveQuoteAsync("followed");
        await using var stream = await Events.OpenAsync(browser, left.Address);
        Assert.Equal("live", (await stream.NextAsync()).Name);
        var next = HearAsync();

        using var destroyed = await browser.PostAsync(new Uri(right.Address, "/session/destroy").ToString());
        var answered = Stopwatch.GetTimestamp();

        Assert.Equal(HttpStatusCode.NoContent, destroyed.StatusCode);
        var (heard, at) = await next;
        Assert.Equal(("ended", 0), heard);
        Console.WriteLine($"A stream of another frontend told the end {Stopwatch.GetElapsedTime(answered, at).TotalMilliseconds:0.0} ms after the destroy was answered (below 0: before it)");
        Assert.Null(await stream.EndAsync());

        async Task<((string Name, int Left) Heard, long At)> HearAsync() => (await stream.NextAsync(), Stopwatch.GetTimestamp());
    }

    [Fact]
    public async Task Stream_warns_extends_nothing_and_a_page_that_comes_back_after_the_end_hears_of_it()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var process = await site.StartAsync("--ServerSession:IdleTimeout=00:00:04");
        using var browser = site.Browse();

        // A machine that stands still for as long as a session lives leaves nothing to hear but the end; then the next session shows the rest.
        List<(string Name, int Left)> heard = [];
        for (var session = 0; session < ShortLived && heard.Count < 3; session++)
        {
            await browser.SaveQuoteAsync("short-lived");
            await using var stream = await Events.OpenAsync(browser, site.Address);
            heard = [];
            do
            {
                heard.Add(await stream.NextAsync());
            }
            while (heard[^1].Name != "ended");
        }

        // Nothing but the stream uses the session, and it ends.
        Assert.Equal(["live", "expires-soon", "ended"], heard.Select(static signal => signal.Name));
        Assert.InRange(heard[0].Left, 0, 4);
        Assert.Equal(0, heard[2].Left);
        await using var again = await Events.OpenAsync(browser, site.Address);
        Assert.Equal(("ended", 0), await again.NextAsync());
        Assert.Null(await again.EndAsync());
    }

    [Fact]
    public async Task Streams_of_one_session_are_bounded_and_hold_up_no_shutdown()
    {
        const int Most = 16;
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var process = await site.StartAsync();
        using var browser = site.Browse();
        await browser.SaveQuoteAsync("listened to");
        var streams = new List<Events>();
        for (var count = 0; count < Most; count++)
        {
            streams.Add(await Events.OpenAsync(browser, site.Address));
            Assert.Equal("live", (await streams[count].NextAsync()).Name);
        }

        using (var refused = await browser.GetAsync("/session/events"))
        {
            await Browser.ProblemAsync(refused, HttpStatusCode.TooManyRequests);
        }

        process.Terminate();

        // Each ends as a whole response, not with a broken connection.
        foreach (var stream in streams)
        {
            Assert.Null(await stream.EndAsync());
            await stream.DisposeAsync();
        }

        Assert.Equal(0, await process.WaitForExitAsync());
        Assert.DoesNotContain("The orderly stop has not ended", process.Output, StringComparison.Ordinal);
    }

    private sealed class Events(HttpClient client, HttpResponseMessage response, StreamReader reader) : IAsyncDisposable
    {
        public static async Task<Events> OpenAsync(Browser browser, Uri address)
        {
            var client = new HttpClient(new SocketsHttpHandler { CookieContainer = browser.Cookies }) { BaseAddress = address };
            var response = await client.GetAsync("/session/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            Assert.True(response.Headers.CacheControl?.NoStore, "The stream may be stored.");
            return new Events(client, response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        }

        public async Task<(string Name, int Left)> NextAsync()
        {
            string? name = null, data = null;
            while (name is null || data is null)
            {
                var line = await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Eventually.Patience);
                Assert.NotNull(line);
                name = line.StartsWith("event: ", StringComparison.Ordinal) ? line["event: ".Length..] : name;
                data = line.StartsWith("data: ", StringComparison.Ordinal) ? line["data: ".Length..] : data;
            }

            return (name, int.Parse(data, System.Globalization.CultureInfo.InvariantCulture));
        }

        /// <summary>Reads what is left; null where that is nothing.</summary>
        public async Task<string?> EndAsync() =>
            (await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Eventually.Patience)).Split('\n').FirstOrDefault(static line => line.StartsWith("event: ", StringComparison.Ordinal));

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            response.Dispose();
            client.Dispose();
            return default;
        }
    }
}
