using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace ServerSession.Tests;

/// <summary>Calls in another order than the tutorial's, and calls that are missing: each works, or one sentence names it and the fix.</summary>
public sealed class OrderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_with_AddServerSession_before_or_after_UseOrleans_serves_the_first_request(bool frontendFirst)
    {
        var stalls = Stalls.Total;
        var unread = await UnreadAsync();

        // A machine that stands still during a start may have it read the keys once more, which is logged; a wrong order is logged at each start.
        if (unread.Length > 0 && await Stalls.ExcuseAsync(string.Join(Environment.NewLine, unread), stalls))
        {
            unread = await UnreadAsync();
        }

        Assert.Empty(unread);

        async Task<string[]> UnreadAsync() => [.. (await StartAsync(frontendFirst)).Where(static line => line.Contains("SigningKeysUnread", StringComparison.Ordinal))];
    }

    private static async Task<IReadOnlyCollection<string>> StartAsync(bool frontendFirst)
    {
        using var own = new OwnApp();
        if (frontendFirst)
        {
            own.Services.AddServerSession();
        }

        own.UseSilo(static silo => silo.AddServerSession());
        if (!frontendFirst)
        {
            own.Services.AddServerSession();
        }

        await using var app = own.Build();
        await app.StartAsync();
        using var client = app.GetTestClient();

        Assert.Equal("1", await client.GetStringAsync("/"));
        Assert.DoesNotContain(own.Logs.Lines, static line => line.Contains("NullReferenceException", StringComparison.Ordinal));
        await app.StopAsync();
        return own.Logs.Lines;
    }

    [Fact]
    public async Task Start_of_a_silo_without_AddServerSession_names_the_call()
    {
        using var own = new OwnApp();
        own.UseSilo(static _ => { });
        own.Services.AddServerSession();

        var refusal = Assert.IsType<OrleansConfigurationException>(await OwnApp.RefusalAsync(own.Build()));

        Assert.Contains("call silo.AddServerSession() in UseOrleans(silo => …)", refusal.Message, StringComparison.Ordinal);
        AssertOneSentence(refusal, own);
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Start_without_Orleans_says_what_to_call(string environment)
    {
        using var own = new OwnApp(environment);
        own.Services.AddServerSession();

        var refusal = Assert.IsType<OptionsValidationException>(await OwnApp.RefusalAsync(own.Build()));

        Assert.Contains("Call UseOrleans or UseOrleansClient on the host builder, or AddServerSession().UseInMemoryStore().", Assert.Single(refusal.Failures), StringComparison.Ordinal);
        AssertOneSentence(refusal, own);
    }

    [Fact]
    public async Task Start_with_the_memory_storage_of_Orleans_says_what_to_use_instead()
    {
        using var own = new OwnApp();
        own.UseSilo(static silo => silo.AddMemoryGrainStorage("sessions").AddServerSession(), file: false);
        own.Services.AddServerSession();

        var refusal = Assert.IsType<OrleansConfigurationException>(await OwnApp.RefusalAsync(own.Build()));

        Assert.StartsWith("The grain storage 'sessions' is Orleans' memory storage", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("silo.AddSqliteGrainStorage(\"sessions\", ", refusal.Message, StringComparison.Ordinal);
        AssertOneSentence(refusal, own);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_without_a_storage_named_sessions_says_what_to_add(bool another)
    {
        using var own = new OwnApp();
        own.UseSilo(silo => (another ? silo.AddMemoryGrainStorageAsDefault() : silo).AddServerSession(), file: false);
        own.Services.AddServerSession();

        var refusal = Assert.IsType<OrleansConfigurationException>(await OwnApp.RefusalAsync(own.Build()));

        Assert.StartsWith("There is no grain storage named 'sessions' for the sessions. Add one, ", refusal.Message, StringComparison.Ordinal);
        AssertOneSentence(refusal, own);
    }

    [Fact]
    public async Task Start_with_UseServerSession_before_UseRouting_names_the_endpoint_whose_wish_is_lost()
    {
        using var own = new OwnApp();
        own.Services.AddServerSession().UseInMemoryStore();
        var app = own.Build();
        app.UseRouting();
        app.MapGet("/wish", static () => "").WithSessionLoad(SessionLoadTime.BeforeEndpoint).WithDisplayName("the wish");

        var refusal = Assert.IsType<InvalidOperationException>(await OwnApp.RefusalAsync(app));

        Assert.Equal(
            "app.UseServerSession() stands before app.UseRouting(), so that what the wish says with WithSessionLoad would be ignored: call app.UseRouting() first.",
            refusal.Message);
    }

    [Theory]
    [InlineData("no call of UseRouting")]
    [InlineData("UseRouting before")]
    [InlineData("UseRouting after, no wish")]
    public async Task Start_with_an_order_of_routing_that_loses_nothing_works(string order)
    {
        using var own = new OwnApp();
        own.Services.AddServerSession().UseInMemoryStore();
        await using var app = own.Builder.Build();
        if (order == "UseRouting before")
        {
            app.UseRouting();
        }

        app.UseServerSession();
        if (order == "UseRouting after, no wish")
        {
            app.UseRouting();
        }

        var endpoint = app.MapGet("/", static async (IServerSession session) => $"{await session.IncrementAsync("visits")}");
        if (order != "UseRouting after, no wish")
        {
            endpoint.WithSessionLoad(SessionLoadTime.BeforeEndpoint);
        }

        await app.StartAsync();
        using var client = app.GetTestClient();

        Assert.Equal("1", await client.GetStringAsync("/"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_with_UseSession_beside_the_adapter_says_what_to_remove(bool before)
    {
        using var own = new OwnApp();
        own.Services.AddDistributedMemoryCache();
        own.Services.AddSession();
        own.Services.AddServerSession().UseInMemoryStore().AddAspNetCoreSession();
        var app = own.Builder.Build();
        if (before)
        {
            app.UseSession();
        }

        app.UseServerSession();
        if (!before)
        {
            app.UseSession();
        }

        var refusal = Assert.IsType<OptionsValidationException>(await OwnApp.RefusalAsync(app));

        Assert.Contains("remove app.UseSession() and builder.Services.AddSession()", Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_with_AddSession_left_over_works()
    {
        using var own = new OwnApp();
        own.Services.AddDistributedMemoryCache();
        own.Services.AddSession();
        own.Services.AddServerSession().UseInMemoryStore().AddAspNetCoreSession();
        await using var app = own.Builder.Build();
        app.UseServerSession();
        app.MapGet("/", static (HttpContext context) =>
        {
            context.Session.SetString("color", "blue");
            return context.Session.GetString("color");
        });
        await app.StartAsync();
        using var client = app.GetTestClient();

        Assert.Equal("blue", await client.GetStringAsync("/"));
    }

    [Fact]
    public async Task Start_with_UseSession_beside_a_session_without_the_adapter_keeps_both_apart()
    {
        using var own = new OwnApp();
        own.Services.AddDistributedMemoryCache();
        own.Services.AddSession();
        own.Services.AddServerSession().UseInMemoryStore();
        await using var app = own.Builder.Build();
        app.UseServerSession();
        app.UseSession();
        app.MapGet("/", static async (HttpContext context) =>
        {
            context.Session.SetString("theirs", "blue");
            context.GetServerSession().Set("ours", "red");
            return $"{context.Session.GetString("theirs")} {context.Session.GetString("ours")} {await context.GetServerSession().GetAsync<string>("ours")}";
        });
        await app.StartAsync();
        using var client = app.GetTestClient();

        Assert.Equal("blue  red", await client.GetStringAsync("/"));
    }

    /// <summary>Nothing but the exception tells of the start: no log of the silo, and no wrapper around the sentence.</summary>
    private static void AssertOneSentence(Exception refusal, OwnApp own)
    {
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.Null(refusal.InnerException);
        Assert.All(
            own.Logs.Lines.Where(static line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal)),
            static line => Assert.StartsWith("Error HostedServiceStartupFaulted Hosting failed to start", line, StringComparison.Ordinal));
    }
}
