using System.Security.Cryptography;
using System.Globalization;
using System.Text;
using ServerSession.Tests;

namespace ServerSession.Benchmarks.Hostile;

/// <summary>A kind of request: what stands in its headers, in a number of different ways.</summary>
internal sealed class HostileKind(string name, Func<string> headers)
{
    /// <summary>So many requests are on their way together.</summary>
    public const int Batch = 32;

    // Enough that no two batches in a row are the same.
    private const int Batches = 16;

    public string Name => name;

    /// <summary>Everything that is measured; the first is the request that the others are compared with.</summary>
    public static IEnumerable<HostileKind> All(string cookie, string valid)
    {
        var tokens = new HostileTokens(20260101, valid, SessionToken.New().Encode(
            new TokenSigningKey(RandomNumberGenerator.GetBytes(TokenSigningKey.MinimumSecretBytes), DateTimeOffset.MinValue, DateTimeOffset.MaxValue)));
        string Line(string text) => $"Cookie: {cookie}={text}\r\n";
        string Next(string kind) => tokens.Next(kind);
        string Repeated(string kind, int times) => $"Cookie: {string.Join("; ", Enumerable.Range(0, times).Select(_ => $"{cookie}={Next(kind)}"))}\r\n";
        yield return new("no cookie", static () => "");
        yield return new("a valid token", () => Line(valid));
        yield return new("random characters of a token's length", () => Line(Next("random characters")));
        yield return new("another format", () => Line(Next("another format")));
        yield return new("unknown key", () => Line(Next("unknown key id")));
        yield return new("another cluster's token", () => Line(Next("wrong key")));
        yield return new("another cluster's token under this one's key id", () => Line(Next("wrong key under a known id")));
        yield return new("one bit changed", () => Line(Next("one bit changed")));
        yield return new("truncated", () => Line(Next("truncated")));
        yield return new("percent-encoded", () => Line(Next("percent-encoded")));
        yield return new("wide characters", () => Line(Next("wide characters")));
        yield return new("another cookie of 4,000 characters", static () => $"Cookie: x={new string('A', 4000)}\r\n");
        yield return new("4,000 characters in place of a token", () => Line(new string('A', 4000)));
        yield return new("30,000 characters in place of a token", () => Line(new string('A', 30_000)));
        yield return new("4 forged tokens", () => Repeated("one bit changed", 4));
        yield return new("300 forged tokens", () => Repeated("one bit changed", 300));
        yield return new("one bit changed, in the header", () => $"{HostileApp.Header}: {Next("one bit changed")}\r\n");
        yield return new("4,000 characters in the header", () => $"{HostileApp.Header}: {new string('A', 4000)}\r\n");
    }

    /// <summary>One request.</summary>
    public byte[] Request(string path) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers()}\r\n"));

    /// <summary>Batches of requests, each different as far as the kind allows.</summary>
    public byte[][] Requests(string path) =>
        [.. Enumerable.Range(0, Batches).Select(_ => Enumerable.Range(0, Batch).SelectMany(_ => Request(path)).ToArray())];
}
