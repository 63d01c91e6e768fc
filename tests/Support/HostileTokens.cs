using System.Buffers.Text;
using System.Text;

namespace ServerSession.Tests;

/// <summary>Texts in place of a token, made from a valid one and from nothing, by kind.</summary>
/// <param name="seed">Where the random texts start.</param>
/// <param name="valid">A valid token.</param>
/// <param name="foreign">A well-formed token that another cluster signed.</param>
public sealed class HostileTokens(int seed, string valid, string foreign)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private readonly Random _random = new(seed);
    private readonly byte[] _bytes = Base64Url.DecodeFromChars(valid);

    /// <summary>Gets the kinds of <see cref="Next"/>.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    [
        "empty", "random bytes", "random characters", "one bit changed", "another format", "truncated", "extended", "padded", "other alphabet",
        "percent-encoded", "blank inside", "quoted", "wrong key", "wrong key under a known id", "unknown key id", "oversized", "Latin-1", "wide characters",
    ];

    /// <summary>A text of a kind that is never the valid token.</summary>
    public string Next(string kind)
    {
        switch (kind)
        {
            case "empty": return "";
            case "random bytes": return Base64Url.EncodeToString(RandomBytes(_bytes.Length));
            case "random characters": return Characters(valid.Length);
            case "one bit changed": return Changed(bytes => bytes[_random.Next(_bytes.Length)] ^= (byte)(1 << _random.Next(8)));
            case "another format": return Changed(bytes => bytes[0] ^= (byte)_random.Next(1, 256));
            case "truncated": return valid[..(_random.Next(2) == 0 ? valid.Length - 1 : _random.Next(1, valid.Length))];
            case "extended": return valid + Characters(_random.Next(1, 4));
            case "padded": return _random.Next(2) == 0 ? valid[..^1] + "=" : valid + "==";
            case "other alphabet": return Replaced(_random.Next(2) == 0 ? '+' : '/');
            case "percent-encoded": return _random.Next(2) == 0 ? string.Concat(valid.Select(static c => $"%{(int)c:X2}")) : $"%{(int)valid[0]:X2}{valid[1..]}";
            case "blank inside": return valid.Insert(_random.Next(1, valid.Length), " ");
            case "quoted": return $"\"{valid}\"";
            case "wrong key": return foreign;
            case "wrong key under a known id": return UnderKnownId();
            case "unknown key id": return Changed(bytes => bytes[1 + _random.Next(2)] ^= (byte)_random.Next(1, 256));
            case "oversized": return Characters(_random.Next(valid.Length + 1, 6000));
            case "Latin-1": return _random.Next(2) == 0 ? Replaced('é') : Latin1();
            case "wide characters": return _random.Next(2) == 0 ? Replaced((char)(valid[5] + 0xFEE0)) : new string('ﷺ', valid.Length);
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind.");
        }
    }

    private string Changed(Action<byte[]> change)
    {
        var bytes = _bytes.ToArray();
        change(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    private string Replaced(char by)
    {
        var at = _random.Next(valid.Length);
        return string.Concat(valid.AsSpan(0, at), [by], valid.AsSpan(at + 1));
    }

    /// <summary>A token of another cluster that claims to be signed with this one's key.</summary>
    private string UnderKnownId()
    {
        var bytes = Base64Url.DecodeFromChars(foreign);
        _bytes.AsSpan(1, 2).CopyTo(bytes.AsSpan(1));
        return Base64Url.EncodeToString(bytes);
    }

    private string Characters(int count) => string.Create(count, _random, static (text, random) =>
    {
        foreach (ref var c in text)
        {
            c = Alphabet[random.Next(Alphabet.Length)];
        }
    });

    /// <summary>Any bytes that a header may hold; blanks at the ends would be no part of the value.</summary>
    private string Latin1() =>
        "\u0080" + Encoding.Latin1.GetString(RandomBytes(valid.Length - 2)).Replace('\r', 'x').Replace('\n', 'x').Replace('\0', 'x') + "\u00FF";

    private byte[] RandomBytes(int count)
    {
        var result = new byte[count];
        _random.NextBytes(result);
        return result;
    }
}
