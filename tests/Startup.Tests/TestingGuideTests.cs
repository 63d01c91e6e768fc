using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Time.Testing;

namespace ServerSession.Tests;

/// <summary>The example of docs/testing.md, run: an application tested without port, file or silo.</summary>
public sealed class TestingGuideTests
{
    [Fact]
    public async Task Login_then_me_is_the_user()
    {
        await using var shop = new ShopFactory();
        using var anna = shop.CreateClient(new() { BaseAddress = new Uri("https://localhost") });
        using var stranger = shop.CreateClient(new() { BaseAddress = new Uri("https://localhost") });

        await anna.PostAsync("/login/anna", null);

        Assert.Equal("anna", await anna.GetStringAsync("/me"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/me")).StatusCode);
    }

    [Fact]
    public async Task Factories_of_two_tests_at_once_keep_their_sessions_apart()
    {
        await using var one = new ShopFactory();
        await using var two = new ShopFactory();
        using var anna = one.CreateClient(new() { BaseAddress = new Uri("https://localhost") });
        using var bert = two.CreateClient(new() { BaseAddress = new Uri("https://localhost") });
        using var signedIn = new Barrier(2);

        async Task<string> SignInAsync(HttpClient client, string name)
        {
            // Off the other's thread: both are inside their applications at the same time.
            await Task.Yield();
            Assert.True(signedIn.SignalAndWait(TimeSpan.FromSeconds(60)), "The other application never came.");
            await client.PostAsync($"/login/{name}", null);
            return await client.GetStringAsync("/me");
        }

        var answers = await Task.WhenAll(Task.Run(() => SignInAsync(anna, "anna")), Task.Run(() => SignInAsync(bert, "bert")));

        Assert.Equal(["anna", "bert"], answers);
    }

    [Fact]
    public async Task Clock_moved_past_the_idle_timeout_ends_the_session()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var shop = new ShopFactory();
        await using var clocked = shop.WithWebHostBuilder(builder => builder.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(time)));
        using var anna = clocked.CreateClient(new() { BaseAddress = new Uri("https://localhost") });
        await anna.PostAsync("/login/anna", null);
        time.Advance(TimeSpan.FromMinutes(19));
        Assert.Equal("anna", await anna.GetStringAsync("/me"));

        time.Advance(TimeSpan.FromMinutes(21));

        Assert.Equal(HttpStatusCode.Unauthorized, (await anna.GetAsync("/me")).StatusCode);
    }

    [Fact]
    public async Task Factory_opens_neither_a_silo_nor_a_file()
    {
        await using var shop = new ShopFactory();
        using var client = shop.CreateClient(new() { BaseAddress = new Uri("https://localhost") });
        await client.PostAsync("/login/anna", null);

        Assert.Null(shop.Services.GetService<Orleans.IGrainFactory>());
        Assert.False(Directory.Exists(Path.Combine(shop.Services.GetRequiredService<IWebHostEnvironment>().ContentRootPath, "data")));
    }

    private sealed class ShopFactory : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.UseEnvironment("Testing");
    }
}
