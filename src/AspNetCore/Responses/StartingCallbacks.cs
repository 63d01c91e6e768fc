using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ServerSession.AspNetCore;

/// <summary>The application's OnStarting callbacks that a gate holds: they run before the commit, the last given first.</summary>
internal sealed class StartingCallbacks
{
    private readonly Stack<KeyValuePair<Func<object, Task>, object>> _callbacks = new();

    public bool Any => _callbacks.Count > 0;

    /// <summary>The headers before the first callback ran, to tell afterwards what the callbacks set; null where none ran.</summary>
    public KeyValuePair<string, StringValues>[]? HeadersBefore { get; private set; }

    public void Add(Func<object, Task> callback, object state) => _callbacks.Push(new(callback, state));

    /// <summary>Runs them. Each may add others.</summary>
    public async ValueTask RunAsync(IHeaderDictionary headers)
    {
        Record(headers);
        while (_callbacks.TryPop(out var callback))
        {
            await callback.Key(callback.Value);
        }
    }

    /// <summary>
    /// Runs those that are left for a refusal: they may set headers of CORS or security. What one does to the session fails, and its own failure
    /// changes nothing: the client is told of the refusal.
    /// </summary>
    public async ValueTask RunForRefusalAsync(IHeaderDictionary headers, IGatedSession session, Exception refusal)
    {
        Record(headers);
        session.BeginCallbacksOfRefusal(refusal);
        while (_callbacks.TryPop(out var callback))
        {
            try
            {
                await callback.Key(callback.Value);
            }
            catch (Exception exception)
            {
                session.OnExceptionAfterRefusal(exception);
            }
        }

        session.EndCallbacksOfRefusal();
    }

    /// <summary>Hands those that are left to the server's response, in the order in which they were given.</summary>
    public void MoveTo(IHttpResponseFeature response)
    {
        foreach (var (callback, state) in _callbacks.Reverse())
        {
            response.OnStarting(callback, state);
        }

        _callbacks.Clear();
    }

    private void Record(IHeaderDictionary headers)
    {
        if (Any)
        {
            HeadersBefore ??= RefusalHeaders.Record(headers);
        }
    }
}
