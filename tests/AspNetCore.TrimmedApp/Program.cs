using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerSession;

// An application as a trimmed one is: reflection-based JSON is switched off, and a trimming warning at any line here ends its build. It plays
// one session over HTTP and prints what came of it.
var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0", "--environment", "Development"]);
builder.Logging.ClearProviders();
builder.Services.AddServerSession()
    .UseInMemoryStore()
    .ConfigureJson(static json => json.TypeInfoResolverChain.Insert(0, AppJson.Default));
var app = builder.Build();
app.UseServerSession();
app.Run(static async context =>
{
    var session = context.GetServerSession();
    try
    {
        await context.Response.WriteAsync(context.Request.Path.Value switch
        {
            "/write" => await WriteAsync(session),
            "/read" => await ReadAsync(session),
            _ => await RefuseAsync(session),
        });
    }
    catch (SessionValueException exception)
    {
        await context.Response.WriteAsync(exception.Message);
    }
});
await app.StartAsync();
using var client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single()) };
foreach (var path in new[] { "write", "read", "refuse" })
{
    Console.WriteLine($"{path}: {await client.GetStringAsync(new Uri(path, UriKind.Relative))}");
}

await app.StopAsync();

static async Task<string> WriteAsync(IServerSession session)
{
    session.Set("text", "é");
    session.Set("number", 7);
    session.Set("price", 9.99m);
    session.Set("yes", true);
    session.Set("date", new DateOnly(2026, 2, 28));
    session.Set("time", DateTimeOffset.UnixEpoch);
    session.Set("id", Guid.Empty);
    session.Set("bytes", new byte[] { 1, 2 });
    session.Set("cart", new Cart("mine", [1, 2]), AppJson.Default.Cart);
    await session.IncrementAsync("number");
    return "done";
}

static async Task<string> ReadAsync(IServerSession session) => FormattableString.Invariant(
    $"{await session.GetAsync("text", SessionJson.String)} {await session.GetAsync("number", SessionJson.Int32)} {await session.GetAsync("price", SessionJson.Decimal)} {await session.GetAsync("yes", SessionJson.Boolean)} {await session.GetAsync("date", SessionJson.DateOnly):O} {await session.GetAsync("time", SessionJson.DateTimeOffset):O} {await session.GetAsync("id", SessionJson.Guid)} {(await session.GetAsync("bytes", SessionJson.ByteArray))!.Length} {(await session.GetAsync("cart", AppJson.Default.Cart))!.Items.Length}");

// What a library does that was not made for trimming: the warning stands here, and the application that ignores it gets the sentence.
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The refusal is what is shown.")]
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = "The refusal is what is shown.")]
static async Task<string> RefuseAsync(IServerSession session)
{
    session.Set("unknown", new Unknown("x"));
    return "kept";
}

internal sealed record Cart(string Name, int[] Items);

internal sealed record Unknown(string Name);

[JsonSerializable(typeof(Cart))]
internal sealed partial class AppJson : JsonSerializerContext;
