using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace ServerSession.Tests;

/// <summary>
/// An answer that hands out or expires a token is in no cache, whatever the application says and wherever it says it: a shared cache would give
/// one user's token to the next.
/// </summary>
public sealed class TokenCachingTests
{
    private const string Header = "Session-Token";
    private const string Public = "public, max-age=60";

    private static readonly Server[] Servers = [Server.Memory, Server.Http1, Server.Http2];

    /// <summary>Where the application says that everybody may keep the answer.</summary>
    public static readonly string[] Places = ["before", "after", "inner-callback", "outer-callback", "outer-after", "mvc", "file"];

    public static TheoryData<Server, string, string> Answers => new(
        from server in Servers
        from place in Places
        from operation in new[] { "set", "rotate", "destroy", "rotate-after-read" }
        where operation is "set" or "rotate" or "destroy" || place is "before" or "after"
        select (server, place, operation));

    private static Task<TestApp> StartAsync(Server server, Action<ServerSessionOptions>? options = null) => TestApp.StartAsync(new TestSetup
    {
        Server = server,
        Options = options ?? (static _ => { }),
        Services = static services => services.AddControllers().AddApplicationPart(typeof(TokenCachingTests).Assembly),
        Outside = static app => app.Use(static async (context, next) =>
        {
            if (context.Request.Query["place"] == "outer-callback")
            {
                context.Response.OnStarting(static state =>
                {
                    Allow(((HttpContext)state).Response.Headers);
                    return Task.CompletedTask;
                }, context);
            }

            await next(context);
            if (context.Request.Query["place"] == "outer-after" && !context.Response.HasStarted)
            {
                Allow(context.Response.Headers);
            }
        }),
        Inside = static app =>
        {
            app.UseRouting();
            app.Use(static async (context, next) =>
            {
                if (context.Request.Path.StartsWithSegments("/file", StringComparison.Ordinal))
                {
                    await ActAsync(context);
                }

                await next(context);
            });
            app.UseStaticFiles(new StaticFileOptions
            {
                RequestPath = "/file",
                FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
                OnPrepareResponse = static file => file.Context.Response.Headers.CacheControl = Public,
            });
            app.MapControllers();
            app.MapGet("/answer", static async (HttpContext context, string place) =>
            {
                if (place == "before")
                {
                    Allow(context.Response.Headers);
                }

                await ActAsync(context);
                if (place == "after")
                {
                    Allow(context.Response.Headers);
                }

                if (place == "inner-callback")
                {
                    context.Response.OnStarting(static state =>
                    {
                        Allow(((HttpContext)state).Response.Headers);
                        return Task.CompletedTask;
                    }, context);
                }

                if (place != "outer-after")
                {
                    await context.Response.WriteAsync("text");
                }
            });
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
        },
    });

    internal static async Task ActAsync(HttpContext context)
    {
        var session = context.GetServerSession();
        switch (context.Request.Query["operation"].ToString())
        {
            case "set":
                session.Set("a", "one");
                break;
            case "rotate-after-read":
                await session.ExistsAsync();
                await session.RotateAsync();
                break;
            case "rotate":
                await session.RotateAsync();
                break;
            default:
                await session.DestroyAsync();
                break;
        }
    }

    /// <summary>All the words by which an answer may be put into a cache.</summary>
    private static void Allow(IHeaderDictionary headers)
    {
        headers.CacheControl = Public;
        headers.Expires = "Fri, 01 Jan 2100 00:00:00 GMT";
        headers["CDN-Cache-Control"] = "max-age=60";
        headers["Surrogate-Control"] = "max-age=60";
        headers["X-Accel-Expires"] = "60";
    }

    private static string PathOf(string place, string operation) => place switch
    {
        "mvc" => $"/cached/answer?operation={operation}",
        "file" => $"/file/ServerSession.Orleans.AspNetCore.Tests.runtimeconfig.json?operation={operation}",
        _ => $"/answer?place={place}&operation={operation}",
    };

    private static void AssertInNoCache(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("no-store", response.Headers.GetValues("Cache-Control").Single());
        Assert.Empty(response.Headers.Concat(response.Content.Headers).Select(static header => header.Key)
            .Intersect(["Expires", "CDN-Cache-Control", "Surrogate-Control", "X-Accel-Expires"], StringComparer.OrdinalIgnoreCase));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Answer_with_a_token_cookie_is_no_store_wherever_the_application_says_otherwise(Server server, string place, string operation)
    {
        await using var app = await StartAsync(server);
        var token = operation == "set" ? null : await app.NewSessionAsync();

        var response = await app.SendAsync(PathOf(place, operation), token);

        AssertInNoCache(response);
        Assert.Single(response.SetCookies());
        Assert.Contains("Cookie", response.Headers.Vary);
    }

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Answer_with_a_token_header_is_no_store(Server server)
    {
        await using var app = await StartAsync(server, static options => options.Header = Header);
        foreach (var place in Places)
        {
            var created = await app.SendAsync(PathOf(place, "set"), headers: static headers => headers.Add(Header, "new"));
            AssertInNoCache(created);
            var rotated = await app.SendAsync(PathOf(place, "rotate"), headers: headers => headers.Add(Header, created.Headers.GetValues(Header).Single()));
            AssertInNoCache(rotated);
            var destroyed = await app.SendAsync(PathOf(place, "destroy"), headers: headers => headers.Add(Header, rotated.Headers.GetValues(Header).Single()));
            AssertInNoCache(destroyed);
        }
    }

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Answers_that_were_to_be_stored_are_one_warning(Server server)
    {
        await using var app = await StartAsync(server);

        foreach (var place in Places)
        {
            await app.SendAsync(PathOf(place, "set"));
        }

        var warning = Assert.Single(app.Logs.Lines, static line => line.Contains("StorableTokenAnswer", StringComparison.Ordinal));
        Assert.StartsWith("Warning ", warning, StringComparison.Ordinal);
        Assert.Contains(Public, warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-store", "no-store")]
    [InlineData("no-cache, no-store", "no-cache, no-store")]
    [InlineData("private, no-store, max-age=0", "private, no-store, max-age=0")]
    [InlineData("no-cache", "no-store")]
    [InlineData("private, max-age=60", "no-store")]
    [InlineData("public, no-store", "no-store")]
    [InlineData("no-store, s-maxage=60", "no-store")]
    [InlineData("must-understand, no-store, max-age=60", "no-store")]
    [InlineData("x-no-store", "no-store")]
    [InlineData("no-store-please", "no-store")]
    [InlineData("max-age=no-store", "no-store")]
    public async Task Cache_control_that_forbids_storing_is_left_as_it_is(string said, string sent)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = said;
            context.GetServerSession().Set("a", "one");
        }));

        // The client sorts the words.
        var received = (await app.SendAsync("/")).Headers.CacheControl!.ToString();
        Assert.Equal(System.Net.Http.Headers.CacheControlHeaderValue.Parse(sent).ToString(), received);
    }

    [Fact]
    public async Task Callback_outside_the_session_can_change_every_other_header()
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Server = Server.Http1,
            Outside = static app => app.Use(static (context, next) =>
            {
                context.Response.OnStarting(() =>
                {
                    var headers = context.Response.Headers;
                    context.Response.StatusCode = StatusCodes.Status202Accepted;
                    headers["X-Kept"] = headers.ContainsKey("X-Gone") ? "seen" : "unseen";
                    headers.Remove("X-Gone");
                    headers.Append("X-List", "two");
                    headers.Remove("Cache-Control");
                    Assert.False(headers.Remove(new KeyValuePair<string, StringValues>("Cache-Control", "no-store")));
                    return Task.CompletedTask;
                });
                return next(context);
            }),
            Inside = static app => app.MapGet("/", (HttpContext context) =>
            {
                context.Response.Headers["X-Gone"] = "yes";
                context.Response.Headers["X-List"] = "one";
                context.GetServerSession().Set("a", "one");
            }),
        });

        var response = await app.SendAsync("/");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("seen", response.Headers.GetValues("X-Kept").Single());
        Assert.Equal(["one", "two"], response.Headers.GetValues("X-List"));
        Assert.False(response.Headers.Contains("X-Gone"));
        Assert.Equal("no-store", response.Headers.GetValues("Cache-Control").Single());
        Assert.Single(response.SetCookies());
    }

    public static TheoryData<Server, bool, bool> Caches => new(
        from server in new[] { Server.Memory, Server.Http1 } from outside in new[] { true, false } from output in new[] { true, false } select (server, outside, output));

    /// <summary>The middleware caches look at the answer before the server starts it, so before its Set-Cookie is there.</summary>
    [Theory]
    [MemberData(nameof(Caches))]
    public async Task Caching_middleware_never_gives_a_token_to_the_next_user(Server server, bool outside, bool output)
    {
        void UseCache(WebApplication app)
        {
            if (output)
            {
                app.UseOutputCache();
            }
            else
            {
                app.UseResponseCaching();
            }
        }

        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Server = server,
            Options = static options => options.Header = Header,
            Services = static services => services.AddResponseCaching().AddOutputCache(static options => options.AddPolicy("all", new StoreAll())),
            Outside = app =>
            {
                if (outside)
                {
                    UseCache(app);
                }
            },
            Inside = app =>
            {
                if (!outside)
                {
                    UseCache(app);
                }

                app.MapGet("/page", static async (HttpContext context) =>
                {
                    context.Response.Headers.CacheControl = Public;
                    context.GetServerSession().Set("a", "one");
                    await context.Response.WriteAsync("text");
                }).CacheOutput("all");
            },
        });

        var tokens = new List<string?>();
        for (var user = 0; user < 3; user++)
        {
            tokens.Add((await app.SendAsync("/page")).Token());
            tokens.Add((await app.SendAsync("/page", headers: static headers => headers.Add(Header, "new"))).Headers.TryGetValues(Header, out var values) ? values.Single() : null);
        }

        var given = tokens.OfType<string>().ToArray();
        Assert.NotEmpty(given);
        Assert.Equal(given.Length, given.Distinct().Count());
    }

    /// <summary>An answer that only depends on the session stays the application's to share.</summary>
    [Fact]
    public async Task Answer_without_a_token_keeps_what_the_application_says()
    {
        await using var app = await TestApp.StartAsync(static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapGet("/", async (HttpContext context) =>
            {
                Allow(context.Response.Headers);
                return await context.GetServerSession().GetAsync<string>("a");
            });
        });

        var response = await app.SendAsync("/", await app.NewSessionAsync());

        Assert.Equal(Public, response.Headers.GetValues("Cache-Control").Single());
        Assert.True(response.Headers.Contains("CDN-Cache-Control"));
        Assert.DoesNotContain(app.Logs.Lines, static line => line.Contains("StorableTokenAnswer", StringComparison.Ordinal));
    }

    private sealed class StoreAll : IOutputCachePolicy
    {
        public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
        {
            context.EnableOutputCaching = true;
            context.AllowCacheLookup = true;
            context.AllowCacheStorage = true;
            return default;
        }

        public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => default;

        public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
        {
            context.AllowCacheStorage = true;
            return default;
        }
    }
}

/// <summary>Says with MVC's attribute that everybody may keep the answer.</summary>
[Route("cached/[action]")]
public sealed class CachedController : Controller
{
    [HttpGet, ActionName("answer")]
    [ResponseCache(Duration = 60, Location = ResponseCacheLocation.Any)]
    public async Task<IActionResult> AnswerAsync()
    {
        await TokenCachingTests.ActAsync(HttpContext);
        return Content("text");
    }
}
