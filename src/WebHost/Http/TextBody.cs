using System.Buffers;
using System.Text;

namespace ServerSession.WebHost;

/// <summary>Reads a request body as UTF-8 text up to a limit.</summary>
internal static class TextBody
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text, or the error to answer with. A body over the limit is not read to its end.</summary>
    public static async Task<(string? Text, IResult? Error)> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return (null, Problem.BodyTooLarge(limit));
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.End);
                return (null, Problem.BodyTooLarge(limit));
            }

            if (read.IsCompleted)
            {
                var result = Decode(read.Buffer);
                reader.AdvanceTo(read.Buffer.End);
                return result;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static (string? Text, IResult? Error) Decode(in ReadOnlySequence<byte> bytes)
    {
        try
        {
            return (Strict.GetString(bytes), null);
        }
        catch (DecoderFallbackException)
        {
            return (null, Problem.BadRequest("The text is not valid UTF-8."));
        }
    }
}
