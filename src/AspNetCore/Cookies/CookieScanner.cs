using Microsoft.Extensions.Primitives;

namespace ServerSession.AspNetCore;

/// <summary>
/// Walks the values of one cookie name through the raw Cookie headers, without copying or allocating: the framework's collection would
/// parse every cookie, and shows only one of several with the same name.
/// </summary>
internal ref struct CookieScanner(StringValues headers, string name)
{
    private readonly StringValues _headers = headers;
    private int _header;
    private int _length;
    private ReadOnlySpan<char> _rest;

    /// <summary>The cookie's value without the time that a persistent cookie has behind its token.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    /// <summary>The cookie's whole value.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>Where the present value stands: which header, and from which character on.</summary>
    public (int Header, int Start) Place { get; private set; }

    public bool MoveNext()
    {
        while (true)
        {
            while (!_rest.IsEmpty)
            {
                var end = _rest.IndexOf(';');
                var start = _length - _rest.Length;
                var text = end < 0 ? _rest : _rest[..end];
                var pair = text.Trim(' ');
                _rest = end < 0 ? default : _rest[(end + 1)..];
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
                {
                    Value = pair[(name.Length + 1)..];
                    Current = CookieStamp.TokenOf(Value);
                    Place = (_header - 1, start + text.IndexOfAnyExcept(' ') + name.Length + 1);
                    return true;
                }
            }

            if (_header >= _headers.Count)
            {
                return false;
            }

            _rest = _headers[_header++];
            _length = _rest.Length;
        }
    }
}
