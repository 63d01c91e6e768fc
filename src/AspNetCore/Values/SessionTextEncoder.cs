using System.Buffers;
using System.Text.Encodings.Web;

namespace ServerSession.AspNetCore;

/// <summary>
/// Escapes in JSON what JSON demands and nothing else, and refuses text that is no valid Unicode. The framework's encoders put U+FFFD in the
/// place of an unpaired surrogate, so that two texts would become one, and escape supplementary characters into twelve bytes.
/// </summary>
internal sealed class SessionTextEncoder : JavaScriptEncoder
{
    public static readonly SessionTextEncoder Instance = new();

    private const char HighSurrogate = '\ud800';
    private const char LowSurrogate = '\udfff';
    private const string Hexadecimal = "0123456789abcdef";

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(static code => (char)code), '"', '\\']);

    private SessionTextEncoder()
    {
    }

    public override int MaxOutputCharactersPerInputCharacter => @"\u0000".Length;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < ' ' or '"' or '\\';

    /// <summary>The writer asks here for every text, property name and character that it writes, before it writes anything of it.</summary>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var characters = new ReadOnlySpan<char>(text, textLength);
        ThrowUnlessUnicode(characters);
        return characters.IndexOfAny(Escaped);
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var destination = new Span<char>(buffer, bufferLength);
        ReadOnlySpan<char> escape = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => @"\\",
            '\b' => @"\b",
            '\f' => @"\f",
            '\n' => @"\n",
            '\r' => @"\r",
            '\t' => @"\t",
            _ => ['\\', 'u', Digit(unicodeScalar >> 12), Digit(unicodeScalar >> 8), Digit(unicodeScalar >> 4), Digit(unicodeScalar)],
        };
        var fits = escape.TryCopyTo(destination);
        numberOfCharactersWritten = fits ? escape.Length : 0;
        return fits;
    }

    private static char Digit(int value) => Hexadecimal[value & 0xf];

    private static void ThrowUnlessUnicode(ReadOnlySpan<char> text)
    {
        var at = text.IndexOfAnyInRange(HighSurrogate, LowSurrogate);
        if (at < 0)
        {
            return;
        }

        for (; at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
            {
                continue;
            }

            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                throw new SessionValueException(UnpairedSurrogate);
            }

            at++;
        }
    }

    /// <summary>What is said of text that UTF-8 cannot carry.</summary>
    public const string UnpairedSurrogate =
        "A text cannot be kept in the session: it is no valid Unicode, because it has an unpaired surrogate (half of a character that takes two UTF-16 code units). " +
        "Do not cut texts inside such a pair, or keep the text as a byte array.";
}
