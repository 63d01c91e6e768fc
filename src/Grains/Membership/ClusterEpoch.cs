namespace ServerSession;

/// <summary>
/// The cluster's epoch as this silo knows it. A session of an older one has ended: that is how an administrator ends all sessions at once, however many.
/// </summary>
internal sealed class ClusterEpoch
{
    private const long Unknown = long.MaxValue;

    private long _value = Unknown;

    /// <summary>The epoch; greater than that of any session while it is not known.</summary>
    public long Value => Volatile.Read(ref _value);

    /// <summary>The epoch, for whoever acts on it.</summary>
    /// <exception cref="SessionUnavailableException">This silo has not read it yet.</exception>
    public long Current => Value is var value && value != Unknown
        ? value
        : throw new SessionUnavailableException("This silo has not read yet whether all sessions were ended, so it does not answer for the session.");

    /// <summary>Takes over an epoch that was read or announced; one that is not greater than the known one changes nothing.</summary>
    public void Learn(long epoch)
    {
        var known = Value;
        while (known == Unknown || epoch > known)
        {
            var seen = Interlocked.CompareExchange(ref _value, epoch, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }
}
