using System.Buffers.Binary;
using Microsoft.AspNetCore.Authentication;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>
/// The values that a ticket's session holds: the serialized ticket without its times, and the times. So a renewal that changes nothing but the times
/// writes 17 bytes.
/// </summary>
internal sealed record TicketRecord(ReadOnlyMemory<byte> Ticket, TicketTimes Times)
{
    public const string TicketKey = "ticket";
    public const string TimesKey = "times";

    public static TicketRecord Of(AuthenticationTicket ticket, TicketTimes times)
    {
        // In the order of the keys, so that equal tickets have equal bytes.
        var items = ticket.Properties.Items
            .Where(static item => item.Key is not (IssuedItem or ExpiresItem))
            .OrderBy(static item => item.Key, StringComparer.Ordinal)
            .ToDictionary(static item => item.Key, static item => item.Value, StringComparer.Ordinal);
        return new(TicketSerializer.Default.Serialize(new AuthenticationTicket(ticket.Principal, new AuthenticationProperties(items), ticket.AuthenticationScheme)), times);
    }

    /// <summary>Reads a session's data; null where it holds no ticket that can be read.</summary>
    public static (TicketRecord Record, AuthenticationTicket Ticket)? Read(SessionData data)
    {
        try
        {
            return data.TryGetValue(TicketKey, out var stored) && data.TryGetValue(TimesKey, out var times)
                && TicketTimes.Read(times.Bytes.Span) is { } read && TicketSerializer.Default.Deserialize(stored.Bytes.ToArray()) is { } ticket
                ? (new TicketRecord(stored.Bytes, read), ticket)
                : null;
        }
        catch (Exception exception) when (exception is IOException or FormatException or ArgumentException or InvalidDataException)
        {
            return null;
        }
    }

    public SessionChange[] ToChanges() => [SessionChange.Set(TicketKey, Ticket), TimesChange()];

    public SessionChange TimesChange() => SessionChange.Set(TimesKey, Times.ToBytes());

    private const string IssuedItem = ".issued";
    private const string ExpiresItem = ".expires";
}

/// <summary>When a ticket was issued or renewed last, when it expires unless it is used, and whether use moves that.</summary>
internal readonly record struct TicketTimes(DateTimeOffset Issued, DateTimeOffset Expires, bool IsSliding)
{
    private const int Size = 17;

    public TimeSpan Span => Expires - Issued;

    public static TicketTimes? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            return null;
        }

        var issued = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        var expires = BinaryPrimitives.ReadInt64BigEndian(bytes[9..]);
        return IsTicks(issued) && IsTicks(expires)
            ? new(new DateTimeOffset(issued, TimeSpan.Zero), new DateTimeOffset(expires, TimeSpan.Zero), bytes[0] != 0)
            : null;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        bytes[0] = IsSliding ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), Issued.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(9), Expires.UtcTicks);
        return bytes;
    }

    private static bool IsTicks(long ticks) => ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks;
}
