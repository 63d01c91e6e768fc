namespace ServerSession.AspNetCore;

/// <summary>The name of the key ring that this application uses.</summary>
internal sealed record KeyRingName
{
    public KeyRingName(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length is 0 or > 64 || !value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'))
        {
            throw new ArgumentException($"'{value}' cannot name a key ring: use 1 to 64 letters and digits of ASCII, '-', '.' and '_'.", nameof(value));
        }

        Value = value;
    }

    public string Value { get; }
}
