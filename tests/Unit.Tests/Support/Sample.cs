using System.Text;

namespace ServerSession.Tests.Support;

/// <summary>Fixed material, so that a test says only what it is about.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    public static readonly SessionVerifier Verifier = SessionVerifier.ReadFrom("0123456789abcdef"u8);
    public static readonly SessionVerifier OtherVerifier = SessionVerifier.ReadFrom("fedcba9876543210"u8);
    public static readonly SessionVerifier ThirdVerifier = SessionVerifier.ReadFrom("0000000000000003"u8);
    public static readonly SessionId Id = SessionId.FromGrainKey(new Guid("00112233-4455-6677-8899-aabbccddeeff"));

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static string Text(SessionValue? value) => Text(value!.Value.Bytes);

    public static string? Text(SessionData data, string key) => data.TryGetValue(key, out var value) ? Text(value.Bytes) : null;

    public static SessionChange Set(string key, string value) => SessionChange.Set(key, Bytes(value));

    public static SessionData Data(params (string Key, string Value)[] entries) =>
        SessionDataEditor.Apply(SessionData.Empty, [.. entries.Select(entry => Set(entry.Key, entry.Value))], SessionLimits.Default).Data;

    public static TokenSigningKey Key(byte seed, DateTimeOffset? signsFrom = null, DateTimeOffset? verifiesUntil = null)
    {
        var secret = new byte[32];
        Array.Fill(secret, seed);
        return new TokenSigningKey(secret, signsFrom ?? DateTimeOffset.MinValue, verifiesUntil ?? DateTimeOffset.MaxValue);
    }
}
