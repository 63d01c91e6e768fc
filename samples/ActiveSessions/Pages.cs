using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Antiforgery;
using ServerSession;

namespace ActiveSessions;

/// <summary>The two pages, as text. Whatever comes from outside is encoded.</summary>
internal static class Pages
{
    /// <summary>The browser connects again by itself; what is not an event stream any more, the page for sign-in for example, is looked at instead.</summary>
    private const string Listen = """
        <script>
          const events = new EventSource("/sessions/events");
          events.onmessage = message => {
            if (message.data === "Ended") {
              events.close();
              document.body.innerHTML = '<h1>You were signed out on another device</h1><a href="/">Sign in</a>';
            }
          };
          events.onerror = () => events.readyState === EventSource.CLOSED && location.reload();
        </script>
        """;

    public static IResult SignIn(HttpContext context, IAntiforgery antiforgery) => Page($"""
        <h1>Sign in</h1>
        <form method="post" action="/sign-in">{Token(context, antiforgery)}<input name="name" required> <button>Sign in</button></form>
        """);

    public static IResult Sessions(HttpContext context, IAntiforgery antiforgery, SubjectSessionPage page)
    {
        var rows = new StringBuilder();
        foreach (var session in page.Sessions)
        {
            var end = session.IsCurrent
                ? "this device"
                : $"""<form method="post" action="/sessions/end">{Token(context, antiforgery)}<input type="hidden" name="id" value="{session.Id}"><button>End</button></form>""";
            rows.Append($"<tr><td>{Text(session.Label ?? "unknown device")}</td><td>{session.BoundAt:u}</td><td>{session.LastSeenAt:u}</td><td>{end}</td></tr>");
        }

        return Page($"""
            <h1>{Text(context.User.Identity?.Name ?? "")}: {page.Count} active session(s)</h1>
            <table><tr><th>Device</th><th>Signed in</th><th>Last seen</th><th></th></tr>{rows}</table>
            <form method="post" action="/sessions/end-others">{Token(context, antiforgery)}<button>Sign out everywhere else</button></form>
            <form method="post" action="/sign-out">{Token(context, antiforgery)}<button>Sign out</button></form>
            {Listen}
            """);
    }

    private static string Token(HttpContext context, IAntiforgery antiforgery)
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        return $"""<input type="hidden" name="{tokens.FormFieldName}" value="{tokens.RequestToken}">""";
    }

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);

    private static IResult Page(string body) => Results.Content($"<!doctype html><html lang=\"en\"><title>Active sessions</title><body>{body}</body></html>", "text/html; charset=utf-8");
}
