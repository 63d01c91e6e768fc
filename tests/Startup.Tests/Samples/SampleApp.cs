using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace ServerSession.Tests.Samples;

/// <summary>A sample, started as its Program.cs says, with its sessions in the process.</summary>
public sealed partial class SampleApp<TProgram> : WebApplicationFactory<TProgram>
    where TProgram : class
{
    /// <summary>A browser with cookies of its own that follows redirects.</summary>
    public HttpClient NewBrowser(string userAgent = "Browser")
    {
        var client = CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri("https://localhost") });
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
        return client;
    }

    /// <summary>Sends the form of a page that goes to an address, with its hidden fields, and returns the page that comes next.</summary>
    public static async Task<string> SubmitAsync(HttpClient browser, string page, string action, params (string Name, string Value)[] fields)
    {
        var form = Assert.Single(Form().Matches(await browser.GetStringAsync(page)), form => form.Groups["action"].Value == action).Value;
        return await SubmitFormAsync(browser, form, action, fields);
    }

    /// <summary>Sends a form that was read from a page.</summary>
    public static async Task<string> SubmitFormAsync(HttpClient browser, string form, string action, params (string Name, string Value)[] fields)
    {
        var all = Hidden().Matches(form).Select(static field => KeyValuePair.Create(field.Groups["name"].Value, field.Groups["value"].Value))
            .Concat(fields.Select(static field => KeyValuePair.Create(field.Name, field.Value)));
        using var response = await browser.PostAsync(action, new FormUrlEncodedContent(all));
        Assert.True(response.IsSuccessStatusCode, $"{action} is {response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return await response.Content.ReadAsStringAsync();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.UseEnvironment("Testing");

    [GeneratedRegex("""<form[^>]*?(?:action="(?<action>[^"]*)")[^>]*>.*?</form>""", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("""<input[^>]*?type="hidden"[^>]*?name="(?<name>[^"]*)"[^>]*?value="(?<value>[^"]*)"|<input[^>]*?name="(?<name>[^"]*)"[^>]*?type="hidden"[^>]*?value="(?<value>[^"]*)""", RegexOptions.Singleline)]
    private static partial Regex Hidden();
}
