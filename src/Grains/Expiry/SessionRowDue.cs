using ServerSession.Core;
using ServerSession.Storage;

namespace ServerSession.Expiry;

/// <summary>Reads from a session's row when it is due, without its data.</summary>
internal static class SessionRowDue
{
    /// <summary>When the session ends, or its tombstone may go, as the row knows it: the session in memory may end later, never earlier.</summary>
    /// <returns>Null where the row cannot be read: it is broken, or of a newer version.</returns>
    public static DateTimeOffset? Read(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || source[0] is 0 or > SessionRecordCodec.Version)
        {
            return null;
        }

        try
        {
            return ReadFields(new FieldReader(source[1..]));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static DateTimeOffset ReadFields(FieldReader reader)
    {
        var tombstone = false;
        DateTimeOffset createdAt = default, lastAccess = default, createEndsAt = default;
        var idleTimeout = SessionTerms.Default.IdleTimeout;
        var absoluteLifetime = SessionTerms.Default.AbsoluteLifetime;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: tombstone = reader.Value != 0; break;
                case 2: createdAt = SessionRecordReader.Time(reader.Value); break;
                case 3: lastAccess = SessionRecordReader.Time(reader.Value); break;
                case 4: idleTimeout = new TimeSpan((long)reader.Value); break;
                case 5: absoluteLifetime = new TimeSpan((long)reader.Value); break;
                case 12: createEndsAt = SessionRecordReader.Time(reader.Value); break;
                default: break;
            }
        }

        if (tombstone)
        {
            return Times.After(createEndsAt, TimeSpan.FromTicks(1));
        }

        if (idleTimeout < TimeSpan.Zero || absoluteLifetime < TimeSpan.Zero)
        {
            throw FieldReader.Broken();
        }

        var idle = Times.After(lastAccess, idleTimeout);
        var absolute = Times.After(createdAt, absoluteLifetime);
        return idle < absolute ? idle : absolute;
    }
}
