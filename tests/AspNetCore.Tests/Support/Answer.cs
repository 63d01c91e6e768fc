namespace ServerSession.Tests;

/// <summary>What a client got, to the last byte.</summary>
/// <param name="Status">The status; 0 where the connection ended without an answer.</param>
/// <param name="Headers">The headers, the content's and the trailers included; null where this kind of client does not show them.</param>
/// <param name="Text">The body as text, decompressed, or as much as arrived.</param>
/// <param name="IsWhole">Whether the response came to its end.</param>
internal sealed record Answer(int Status, IReadOnlyDictionary<string, string[]>? Headers, string Text, bool IsWhole)
{
    public string[] SetCookies => Headers is not null && Headers.TryGetValue("Set-Cookie", out var cookies) ? cookies : [];

    public string? Token => SetCookies.Where(static cookie => cookie.StartsWith("session=", StringComparison.Ordinal))
        .Select(static cookie => cookie["session=".Length..].Split(';')[0]).SingleOrDefault(static token => token.Length > 0);

    public static Answer None { get; } = new(0, null, "", IsWhole: false);
}
