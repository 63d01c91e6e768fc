using System.Collections.Immutable;
using System.Text.Json;

namespace ServerSession.Tests;

/// <summary>A tab whose browser may prepare the page that its person will probably go to next.</summary>
public sealed class PreparingTab
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(Person.Patience);

    private readonly DevTools _tools;
    private readonly string _session;
    private readonly TaskCompletionSource _offered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _dropped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();

    // The first is the page that is shown; what comes after it is being prepared.
    private ImmutableList<string> _pages = [];

    private PreparingTab(DevTools tools, string session)
    {
        _tools = tools;
        _session = session;
        _tools.Told += Hear;
    }

    /// <summary>Completes when the page offered addresses for preparing, and the browser took note.</summary>
    public Task Offered => _offered.Task.WaitAsync(Patience);

    /// <summary>Completes when a page is prepared, its scripts run; fails with the browser's reason where it refuses.</summary>
    public Task Prepared => _prepared.Task.WaitAsync(Patience);

    /// <summary>Completes when the browser threw a prepared page away.</summary>
    public Task Dropped => _dropped.Task.WaitAsync(Patience);

    /// <summary>Opens a tab in a separate profile.</summary>
    public static async Task<PreparingTab> OpenAsync(DevTools tools)
    {
        var context = await tools.SendAsync("Target.createBrowserContext");
        var target = await tools.SendAsync(
            "Target.createTarget", new { url = "about:blank", browserContextId = context.GetProperty("browserContextId").GetString(), forTab = true });
        var attached = await tools.SendAsync("Target.attachToTarget", new { targetId = target.GetProperty("targetId").GetString(), flatten = true });
        var tab = new PreparingTab(tools, attached.GetProperty("sessionId").GetString()!);
        await tools.SendAsync(
            "Target.setAutoAttach", new { autoAttach = true, waitForDebuggerOnStart = false, flatten = true, filter = new[] { new { } } }, tab._session);
        await tab._opened.Task.WaitAsync(Patience);
        return tab;
    }

    public async Task GoAsync(Uri address) => await _tools.SendAsync("Page.navigate", new { url = address.ToString() }, _pages[0]);

    /// <summary>The value of an expression in the page that is shown; of the promise, where it is one.</summary>
    public Task<JsonElement> EvaluateAsync(string expression) => EvaluateAsync(expression, _pages[0]);

    /// <summary>Runs a script in the page that is shown and in those that are prepared.</summary>
    public Task EvaluateEverywhereAsync(string expression) => Task.WhenAll(_pages.Select(page => EvaluateAsync(expression, page)));

    /// <summary>Waits until a condition holds in the page that is shown, whichever that is by then.</summary>
    public async Task UntilAsync(string condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await HoldsAsync(condition))
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"The page that is shown never fulfilled: {condition}");
            }
        }
    }

    /// <summary>Points at an element, and presses there if asked to.</summary>
    public async Task PointAtAsync(string selector, bool press = false)
    {
        var place = await EvaluateAsync($"(() => {{ const box = document.querySelector('{selector}').getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()");
        var (x, y) = (place[0].GetDouble(), place[1].GetDouble());
        var page = _pages[0];
        await _tools.SendAsync("Input.dispatchMouseEvent", new { type = "mouseMoved", x, y }, page);
        if (press)
        {
            await _tools.SendAsync("Input.dispatchMouseEvent", new { type = "mousePressed", x, y, button = "left", clickCount = 1 }, page);
            await _tools.SendAsync("Input.dispatchMouseEvent", new { type = "mouseReleased", x, y, button = "left", clickCount = 1 }, page);
        }
    }

    private async Task<bool> HoldsAsync(string condition)
    {
        try
        {
            return (await EvaluateAsync(condition)).ValueKind == JsonValueKind.True;
        }
        catch (InvalidOperationException)
        {
            // The page was left while it was asked.
            return false;
        }
    }

    private async Task<JsonElement> EvaluateAsync(string expression, string page)
    {
        var answer = await _tools.SendAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true }, page);
        if (answer.TryGetProperty("exceptionDetails", out var exception))
        {
            throw new InvalidOperationException(exception.ToString());
        }

        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    private void Hear(string name, JsonElement told, string? session)
    {
        switch (name)
        {
            case "Target.attachedToTarget" when session == _session && told.GetProperty("targetInfo").GetProperty("type").GetString() == "page":
                var page = told.GetProperty("sessionId").GetString()!;
                Change(pages => pages.Add(page));
                _ = _tools.SendAsync("Preload.enable", session: page);
                _opened.TrySetResult();
                break;
            case "Target.detachedFromTarget" when session == _session:
                var left = told.GetProperty("sessionId").GetString()!;
                Change(pages => pages.Remove(left));
                break;
            case "Preload.preloadingAttemptSourcesUpdated" when session == _pages[0] && told.GetProperty("preloadingAttemptSources").GetArrayLength() > 0:
                _offered.TrySetResult();
                break;
            case "Preload.prerenderStatusUpdated" when session == _pages[0]:
                HearOfPreparing(told);
                break;
        }
    }

    private void HearOfPreparing(JsonElement told)
    {
        switch (told.GetProperty("status").GetString())
        {
            case "Ready":
                _prepared.TrySetResult();
                break;
            case "Failure":
                _dropped.TrySetResult();
                _prepared.TrySetException(new InvalidOperationException($"The browser prepared no page: {told}"));
                break;
        }
    }

    private void Change(Func<ImmutableList<string>, ImmutableList<string>> change)
    {
        lock (_lock)
        {
            _pages = change(_pages);
        }
    }
}
