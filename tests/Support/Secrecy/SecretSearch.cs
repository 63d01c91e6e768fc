using System.Buffers;
using System.Text;

namespace ServerSession.Tests.Secrecy;

/// <summary>Looks for tokens and verifiers in any of their <see cref="SecretSpellings"/>.</summary>
public sealed class SecretSearch(params IReadOnlyCollection<string> tokens)
{
    private readonly SearchValues<string> _texts = SearchValues.Create([.. tokens.SelectMany(SecretSpellings.Texts)], StringComparison.OrdinalIgnoreCase);
    private readonly SearchValues<string> _bytes = SearchValues.Create([.. tokens.SelectMany(SecretSpellings.Bytes)], StringComparison.Ordinal);

    public bool IsIn(string text) => text.AsSpan().ContainsAny(_texts);

    public bool IsIn(ReadOnlySpan<byte> bytes)
    {
        var characters = Encoding.Latin1.GetString(bytes);
        return IsIn(characters) || characters.AsSpan().ContainsAny(_bytes);
    }
}
