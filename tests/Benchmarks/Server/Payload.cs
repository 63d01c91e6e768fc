using System.Globalization;

namespace ServerSession.Benchmarks.Server;

/// <summary>What is kept in a session: one key with 100 bytes of text that start with a count of the changes.</summary>
internal static class Payload
{
    public const string Key = "cart";

    private const int Digits = 10;

    private static readonly string Rest = new('x', 100 - Digits);

    public static readonly string First = Make(0);

    public static string After(string? value) => value is null
        ? throw new InvalidOperationException("The session has lost its value.")
        : Make(long.Parse(value.AsSpan(0, Digits), CultureInfo.InvariantCulture) + 1);

    private static string Make(long count) => string.Create(CultureInfo.InvariantCulture, $"{count:D10}{Rest}");
}
