using System.Globalization;
using System.Net;

namespace ServerSession.Tests;

/// <summary>The README's tutorial, as somebody follows it who has the packages and nothing else of this repository.</summary>
public sealed class TutorialTests(Packed packed)
{
    private static readonly string[] Readme = File.ReadAllLines(Path.Combine(Shell.Repository, "README.md"));

    [Fact]
    public async Task Tutorial_installed_from_the_packages_counts_signs_in_survives_a_kill_and_signs_out()
    {
        var folder = await InstallAsync();
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Take(1)[0]}/"));
        using var browser = new Browser(address);
        var shop = await Shop.StartAsync(folder, packed.Home, address);
        try
        {
            Assert.Equal("You have been here 1 times.", await TextAsync(browser, "/"));
            Assert.Equal("You have been here 2 times.", await TextAsync(browser, "/"));
            var anonymous = Cookie(browser, address);
            Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/me")).StatusCode);
            Assert.Equal(HttpStatusCode.NoContent, (await browser.PostAsync("/login/anna")).StatusCode);
            Assert.NotEqual(anonymous, Cookie(browser, address));
            Assert.Equal("anna", await TextAsync(browser, "/me"));

            await shop.KillAsync();
            await shop.DisposeAsync();
            shop = await Shop.StartAsync(folder, packed.Home, address);

            Assert.Equal("anna", await TextAsync(browser, "/me"));
            Assert.Equal("You have been here 3 times.", await TextAsync(browser, "/"));
            var signedIn = Cookie(browser, address);
            Assert.Equal(HttpStatusCode.NoContent, (await browser.PostAsync("/logout")).StatusCode);
            using var thief = new Browser(address);
            thief.Cookies.Add(address, new Cookie("session", signedIn));
            Assert.Equal(HttpStatusCode.Unauthorized, (await thief.GetAsync("/me")).StatusCode);
        }
        finally
        {
            await shop.DisposeAsync();
        }
    }

    /// <summary>
    /// Runs the commands of the page. The packages of others come from what this repository's build has restored, so that nothing is fetched; ours
    /// come from the folder that the page adds.
    /// </summary>
    private async Task<string> InstallAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(packed.Around, "nuget.config"), $"""
            <configuration>
              <fallbackPackageFolders><add key="restored" value="{Shell.PackageFolder}" /></fallbackPackageFolders>
              <disabledPackageSources><add key="nuget" value="true" /></disabledPackageSources>
            </configuration>
            """);
        var commands = Commands();
        Assert.Equal("./ServerSession.Orleans/pack.sh", commands[0]);
        await Shell.RunAsync(string.Join('\n', commands[1..]), packed.Around, packed.Home);

        var folder = Path.Combine(packed.Around, "Shop");
        var ports = FreePorts.Take(2);
        var program = Snippet.Of("README.md", Readme).First().Code;
        Assert.Contains(".UseLocalhostClustering()", program, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program.Replace(
            ".UseLocalhostClustering()", string.Create(CultureInfo.InvariantCulture, $".UseLocalhostClustering({ports[0]}, {ports[1]})"), StringComparison.Ordinal));
        await Shell.RunAsync("dotnet build --nologo -warnaserror", folder, packed.Home);

        // Otherwise the version of some earlier day was found in the packages of this machine.
        Assert.True(Directory.Exists(Path.Combine(packed.Home, "packages", "serversession.orleans.grains")), "The packages were not installed from the folder of pack.sh.");
        return folder;
    }

    /// <summary>The first block of shell commands of the tutorial.</summary>
    private static string[] Commands()
    {
        var tutorial = Array.FindIndex(Readme, static line => line.StartsWith("## Five minutes", StringComparison.Ordinal));
        var begin = Array.IndexOf(Readme, "```sh", tutorial);
        return Readme[(begin + 1)..Array.IndexOf(Readme, "```", begin)];
    }

    private static string Cookie(Browser browser, Uri address) => browser.Cookies.GetCookies(address).Single(static cookie => cookie.Name.StartsWith("session", StringComparison.Ordinal)).Value;

    private static async Task<string> TextAsync(Browser browser, string path) => await Browser.TextAsync(await browser.GetAsync(path));
}
