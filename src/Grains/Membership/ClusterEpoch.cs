namespace ServerSession.Grains;

/// <summary>
/// The cluster's epoch as this silo knows it. A session of an older one has ended: that is how an administrator ends all sessions at once, however many.
/// </summary>
internal sealed class ClusterEpoch
{
    private const long Unknown = long.MaxValue;

    private long _value = Unknown;

    /// <summary>Is raised after a known epoch has become greater, which is after sessions of this silo have ended.</summary>
    public event Action? Raised;

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
                if (known != Unknown)
                {
                    Raised?.Invoke();
                }

                return;
            }

            known = seen;
        }
    }

    /// <summary>
    /// Takes over the epoch of a session's row: the cluster's was stored before any session got it. It does not stand for the first read, because the
    /// cluster's may be greater.
    /// </summary>
    public void LearnFromRow(long epoch)
    {
        if (Value is var known && known != Unknown && epoch > known)
        {
            Learn(epoch);
        }
    }
}
