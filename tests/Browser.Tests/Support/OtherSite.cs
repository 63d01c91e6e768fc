using System.Globalization;
using System.Net;
using System.Text;

namespace ServerSession.Tests;

/// <summary>A site of somebody else, with one page. To a browser the host localhost is another site than the host 127.0.0.1.</summary>
public sealed class OtherSite : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly byte[] _html;
    private readonly Task _serving;

    public OtherSite(string html)
    {
        _html = Encoding.UTF8.GetBytes($"<!doctype html><link rel='icon' href='data:,'>{html}");
        Address = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{FreePorts.Take(1)[0]}/");
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                context.Response.ContentType = "text/html";
                context.Response.Close(_html, willBlock: false);
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
