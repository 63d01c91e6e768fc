using System.Globalization;

namespace ServerSession.Tests;

/// <summary>The sample BlazorCart, whose page runs on the server and talks to the browser over one connection.</summary>
public sealed class BlazorCartTests(Chromium chromium, BlazorCartTests.Sample sample) : IClassFixture<BlazorCartTests.Sample>
{
    [Fact]
    public async Task Circuit_reads_and_writes_its_session_and_leaves_the_page_when_another_tab_ends_it()
    {
        await using var profile = await sample.VisitAsync(chromium);
        var cart = await BeginAsync(profile, "ada");
        await AddAsync(cart, "tea");

        // A second circuit of the session reads what the first has written.
        var second = await profile.NewPageAsync();
        await second.GotoAsync("/cart");
        await Assertions.Expect(second.Locator("li")).ToHaveTextAsync(["tea"]);
        await second.GotoAsync("/");
        await Assertions.Expect(second.Locator("p")).ToHaveTextAsync("Hello ada. Your cart");
        await second.GetByRole(AriaRole.Button, new() { Name = "Leave" }).ClickAsync();

        await SaysEndedAsync(cart);
    }

    [Fact]
    public async Task Circuit_without_a_session_leaves_the_page_at_once()
    {
        await using var profile = await sample.VisitAsync(chromium);
        var page = await profile.NewPageAsync();

        await page.GotoAsync("/cart");

        await SaysEndedAsync(page);
    }

    [Fact]
    public async Task Circuit_that_was_cut_off_when_its_session_ended_leaves_the_page_when_it_connects_again()
    {
        await using var profile = await sample.VisitAsync(chromium);
        var cart = await BeginAsync(profile, "ada");
        await AddAsync(cart, "tea");
        var ended = new TaskCompletionSource();
        var tried = new TaskCompletionSource();
        await cart.RouteAsync("**/_blazor/negotiate**", async route =>
        {
            tried.TrySetResult();
            await ended.Task;
            await route.ContinueAsync();
        });
        await cart.EvaluateAsync("Blazor._internal.forceCloseConnection()");
        await tried.Task.WaitAsync(TimeSpan.FromMilliseconds(Person.Patience), TestContext.Current.CancellationToken);
        var other = await profile.NewPageAsync();
        await other.GotoAsync("/");
        await other.GetByRole(AriaRole.Button, new() { Name = "Leave" }).ClickAsync();
        await Assertions.Expect(other.GetByRole(AriaRole.Button, new() { Name = "Begin" })).ToBeVisibleAsync();
        await Assertions.Expect(cart.Locator("li")).ToHaveTextAsync(["tea"]);

        ended.SetResult();

        await SaysEndedAsync(cart);
    }

    private static async Task<IPage> BeginAsync(IBrowserContext profile, string name)
    {
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/");
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync($"The cart of {name}");
        return page;
    }

    private static async Task AddAsync(IPage cart, string item)
    {
        await cart.GetByLabel("Item").FillAsync(item);
        await cart.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await Assertions.Expect(cart.Locator("li")).ToHaveTextAsync([item]);
    }

    private static Task SaysEndedAsync(IPage page) => Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Your session has ended.");

    /// <summary>The sample as a process, with its sessions in it.</summary>
    public sealed class Sample : IAsyncLifetime
    {
        private readonly TempFolder _folder = new();
        private readonly Uri _address = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Next()}"));
        private HostProcess? _process;

        public async ValueTask InitializeAsync() =>
            _process = await HostProcess.StartAsync("BlazorCart", _folder.Path, "--environment", "Testing", "--urls", _address.ToString());

        public async Task<IBrowserContext> VisitAsync(Chromium chromium)
        {
            var profile = await chromium.NewProfileAsync(_address);
            profile.SetDefaultTimeout(Person.Patience);
            return profile;
        }

        public async ValueTask DisposeAsync()
        {
            if (_process is not null)
            {
                await _process.DisposeAsync();
            }

            _folder.Dispose();
        }
    }
}
