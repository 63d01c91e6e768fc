using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession;

internal sealed partial class ResponseGate : IHttpResponseFeature, IHttpResponseBodyFeature
{
    int IHttpResponseFeature.StatusCode
    {
        get => _response.StatusCode;
        set => _response.StatusCode = value;
    }

    string? IHttpResponseFeature.ReasonPhrase
    {
        get => _response.ReasonPhrase;
        set => _response.ReasonPhrase = value;
    }

    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => _response.Headers;
        set => _response.Headers = value;
    }

    [Obsolete("Use IHttpResponseBodyFeature.Stream instead.")]
    Stream IHttpResponseFeature.Body
    {
        get => Stream;
        set => _response.Body = value;
    }

    bool IHttpResponseFeature.HasStarted => _response.HasStarted;

    public Stream Stream => _stream ??= new GateStream(this, _context);

    public PipeWriter Writer => _writer ??= new GateWriter(this, buffers: ReferenceEquals(_entry, _body));

    void IHttpResponseFeature.OnStarting(Func<object, Task> callback, object state)
    {
        if (_open || _response.HasStarted)
        {
            _response.OnStarting(callback, state);
        }
        else
        {
            (_callbacks ??= new()).Push(new(callback, state));
        }
    }

    void IHttpResponseFeature.OnCompleted(Func<object, Task> callback, object state) => _response.OnCompleted(callback, state);

    void IHttpResponseBodyFeature.DisableBuffering() => _body.DisableBuffering();

    async Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken)
    {
        if (await OpenAsync())
        {
            await _body.StartAsync(cancellationToken);
        }
    }

    async Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken)
    {
        if (await OpenForDirectAsync(cancellationToken))
        {
            await _body.SendFileAsync(path, offset, count, cancellationToken);
        }
    }

    async Task IHttpResponseBodyFeature.CompleteAsync()
    {
        if (await OpenAsync())
        {
            await _body.CompleteAsync();
        }
    }

    /// <summary>Whether the server's writer has bytes that nobody has flushed: a direct write must not overtake them.</summary>
    public bool HasUnflushed => _writer?.HasUnflushed == true;

    /// <summary>Opens for bytes that do not go through the writer; what the application wrote there before goes first.</summary>
    public async ValueTask<bool> OpenForDirectAsync(CancellationToken cancellationToken)
    {
        if (!await OpenAsync())
        {
            return false;
        }

        if (_writer is { HasUnflushed: true })
        {
            _writer.HasUnflushed = false;
            await _body.Writer.FlushAsync(cancellationToken);
        }

        return true;
    }
}
