using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>Data Protection's keys on the session cluster: what one frontend protects, every other one reads.</summary>
public class DataProtectionTests
{
    private const string State = "data-protection-keys";

    [Fact]
    public async Task Protect_on_one_frontend_is_unprotected_on_another_that_started_before_or_after()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var one = await StartAsync(cluster);
        var text = Protector(one).Protect("hello");
        await using var other = await StartAsync(cluster);

        Assert.Equal("hello", Protector(other).Unprotect(text));
        Assert.Equal("again", Protector(one).Unprotect(Protector(other).Protect("again")));
        Assert.Single(KeysOf(other));
    }

    [Fact]
    public async Task Start_of_eight_frontends_at_once_for_the_first_time_makes_one_key_that_all_of_them_use()
    {
        await using var cluster = await SessionCluster.StartAsync(3, null, SystemTime.Use);
        var frontends = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => StartAsync(cluster)));

        Assert.All(frontends, static frontend => Assert.Single(KeysOf(frontend)));
        foreach (var maker in frontends)
        {
            var text = Protector(maker).Protect("hello");
            Assert.All(frontends, reader => Assert.Equal("hello", Protector(reader).Unprotect(text)));
        }

        foreach (var frontend in frontends)
        {
            await frontend.DisposeAsync();
        }
    }

    [Fact]
    public async Task Keys_that_the_application_encrypts_are_stored_encrypted_and_read_by_a_fresh_frontend()
    {
        using var certificate = NewCertificate();
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var one = await StartAsync(cluster, protection => protection.ProtectKeysWithCertificate(certificate));
        var text = Protector(one).Protect("hello");
        await using var other = await StartAsync(cluster, protection => protection.ProtectKeysWithCertificate(certificate));

        Assert.Equal("hello", Protector(other).Unprotect(text));
        var stored = Encoding.UTF8.GetString(Assert.Single(cluster.Store.RowsOf(State)).Value);
        Assert.Contains("EncryptedData", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rings_with_different_names_share_nothing()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var shop = await StartAsync(cluster, ring: "shop");
        await using var office = await StartAsync(cluster, ring: "office");

        Assert.ThrowsAny<CryptographicException>(() => Protector(office).Unprotect(Protector(shop).Protect("hello")));
        Assert.Equal(2, cluster.Store.RowsOf(State).Count);
    }

    [Fact]
    public async Task Keys_that_are_deleted_leave_the_storage_and_the_rest_goes_on()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var frontend = await StartAsync(cluster);
        var keys = (XmlKeyManager)frontend.Services.GetRequiredService<IKeyManager>();
        var old = keys.CreateNewKey(DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(-2));

        Assert.True(keys.CanDeleteKeys);
        Assert.True(keys.DeleteKeys(key => key.KeyId == old.KeyId));

        Assert.Single(KeysOf(frontend));
        Assert.DoesNotContain(old.KeyId.ToString(), Encoding.UTF8.GetString(Assert.Single(cluster.Store.RowsOf(State)).Value), StringComparison.Ordinal);
        Assert.Equal("hello", Protector(frontend).Unprotect(Protector(frontend).Protect("hello")));
    }

    [Fact]
    public async Task Antiforgery_token_of_one_frontend_is_accepted_by_another()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var one = await StartAsync(cluster);
        await using var other = await StartAsync(cluster);
        var visitor = new Visitor();
        var (_, token) = await visitor.GetAsync(one, "/form");

        Assert.Equal(HttpStatusCode.OK, (await visitor.SendAsync(other, "POST", "/form", ("RequestVerificationToken", token))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await visitor.SendAsync(other, "POST", "/form", ("RequestVerificationToken", token[..^3]))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await new Visitor().SendAsync(other, "POST", "/form", ("RequestVerificationToken", token))).Status);
    }

    [Fact]
    public async Task Read_of_a_tempdata_cookie_of_another_frontend_shows_it_once()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var one = await StartAsync(cluster);
        await using var other = await StartAsync(cluster);
        var visitor = new Visitor();
        await visitor.PostAsync(one, "/flash/saved");

        Assert.Equal("saved", (await visitor.GetAsync(other, "/flash")).Body);
        Assert.Equal("nothing", (await visitor.GetAsync(one, "/flash")).Body);
    }

    [Fact]
    public async Task Frontend_that_starts_without_a_silo_says_why_and_protects_once_one_is_there()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        cluster.Store.BeforeAsync = static operation => operation.StateName == State ? throw new IOException("no network") : ValueTask.CompletedTask;
        await using var frontend = await StartAsync(cluster, options: static options => options.RetryBudget = TimeSpan.Zero);

        var exception = Assert.ThrowsAny<Exception>(() => Protector(frontend).Protect("hello"));
        Assert.Contains("The Data Protection keys cannot be read from the session cluster", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal("hello", (await frontend.SendAsync("GET", "/untouched")).Body);
        cluster.Store.BeforeAsync = null;

        await SessionCluster.UntilAsync(() => Task.FromResult(Record.Exception(() => Protector(frontend).Protect("hello")) is null), "the keys are read");
    }

    private static Task<WebFrontend> StartAsync(
        SessionCluster cluster, Action<IDataProtectionBuilder>? protect = null, string ring = "default", Action<ServerSessionOptions>? options = null) =>
        WebFrontend.StartAsync(
            cluster,
            services: services =>
            {
                services.AddServerSession(options);
                services.AddControllersWithViews();
                var protection = services.AddDataProtection().SetApplicationName("test").PersistKeysToServerSession(ring);
                protect?.Invoke(protection);
            },
            routes: static app =>
            {
                app.MapGet("/form", static (HttpContext context, IAntiforgery antiforgery) => antiforgery.GetAndStoreTokens(context).RequestToken);
                app.MapPost("/form", static async (HttpContext context, IAntiforgery antiforgery) =>
                    await antiforgery.IsRequestValidAsync(context) ? Results.Ok() : Results.BadRequest());
                app.MapPost("/flash/{text}", static (HttpContext context, string text, ITempDataDictionaryFactory factory) =>
                {
                    var data = factory.GetTempData(context);
                    data["flash"] = text;
                    data.Save();
                });
                app.MapGet("/flash", static (HttpContext context, ITempDataDictionaryFactory factory) =>
                {
                    var data = factory.GetTempData(context);
                    var text = data["flash"] as string ?? "nothing";
                    data.Save();
                    return text;
                });
            });

    private static IDataProtector Protector(WebFrontend frontend) => frontend.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    private static IReadOnlyCollection<IKey> KeysOf(WebFrontend frontend) => frontend.Services.GetRequiredService<IKeyManager>().GetAllKeys();

    private static X509Certificate2 NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=keys", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
