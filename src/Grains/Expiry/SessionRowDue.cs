using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>Reads from a session's row when it is due, without its data.</summary>
internal static class SessionRowDue
{
    /// <summary>When the session ends, or its tombstone may go, as the row knows it: the session in memory may end later, never earlier.</summary>
    /// <returns>Null where the row cannot be read: it is broken, or of a newer version.</returns>
    public static DateTimeOffset? Read(ReadOnlySpan<byte> source)
    {
        try
        {
            return StoredForm.TryOpen(source, out var reader, out _) ? ReadFields(reader) : null;
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
                case SessionField.Tombstone: tombstone = reader.Value != 0; break;
                case SessionField.CreatedAt: createdAt = SessionRecordReader.Time(reader.Value); break;
                case SessionField.LastAccess: lastAccess = SessionRecordReader.Time(reader.Value); break;
                case SessionField.IdleTimeout: idleTimeout = new TimeSpan((long)reader.Value); break;
                case SessionField.AbsoluteLifetime: absoluteLifetime = new TimeSpan((long)reader.Value); break;
                case SessionField.CreateEndsAt: createEndsAt = SessionRecordReader.Time(reader.Value); break;
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
