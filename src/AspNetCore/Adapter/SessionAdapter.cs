using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

/// <summary>
/// The request's session as <c>HttpContext.Session</c>. Bytes are copied on the way in and out, so that no caller can change the session's. The
/// session is loaded before the endpoint runs; a thread waits only where that is slow and the endpoint is not known to use it.
/// </summary>
internal sealed class SessionAdapter(RequestSession session, HttpContext context, ILogger logger) : ISession
{
    private readonly LoadedSession _loaded = new(session);

    public bool IsAvailable => _loaded.IsAvailable;

    public string Id => _loaded.Id;

    public IEnumerable<string> Keys => _loaded.Keys;

    public async Task LoadAsync(CancellationToken cancellationToken = default)
    {
        session.Response.BeginRead();
        await session.Work.LoadAsync(cancellationToken);
    }

    public async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        // Existing code calls it at any time; with nothing to commit it is harmless even after the response has started.
        session.ThrowIfOver();
        if (session.Work.HasWork)
        {
            await session.FlushAsync(cancellationToken);
        }
    }

    public bool TryGetValue(string key, [NotNullWhen(true)] out byte[]? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        value = _loaded.TryGetBytes(key, out var bytes) ? bytes.ToArray() : null;
        if (value is not null && key == TempDataValue.Key && !TempDataValue.IsReadable(context.RequestServices, value))
        {
            AdapterLog.TempDataUnreadable(logger);
            session.Remove(key);
            value = null;
        }

        return value is not null;
    }

    public void Set(string key, byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        session.SetBytes(key, value.AsSpan().ToArray());
    }

    public void Remove(string key) => session.Remove(key);

    public void Clear() => session.Clear();
}
