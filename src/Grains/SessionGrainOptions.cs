using ServerSession.Grains;

namespace ServerSession;

/// <summary>
/// How the silos keep sessions. Read from the configuration section <c>ServerSession</c>, then changed by the code given to the silo's
/// <c>AddServerSession</c> or <c>Configure</c> in the order of the calls, and checked at start.
/// </summary>
public sealed class SessionGrainOptions
{
    /// <summary>The name of the Orleans grain storage that sessions and signing keys are kept in.</summary>
    public const string StorageName = "sessions";

    /// <summary>What one session may hold.</summary>
    /// <value>
    /// By default those of the frontend in the same process, where there is one, else <see cref="SessionLimits.Default"/>. Kept as a copy: a
    /// binder writes into it.
    /// </value>
    public SessionLimits Limits { get; set => field = value with { }; } = new();

    /// <summary>
    /// How long an operation is remembered, so that a repeat is applied once; an operation whose issue time differs more from the silo's clock
    /// is refused. It has to be longer than a frontend's retry budget plus the clock skew between frontends and silos.
    /// </summary>
    /// <value>From 2 seconds to 10 minutes; 15 seconds by default.</value>
    public TimeSpan OperationWindow { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long one storage call may take; after that its write is in doubt and the session is loaded again.</summary>
    /// <value>From 100 milliseconds to one minute; 3 seconds by default.</value>
    public TimeSpan StorageTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The part of the idle timeout by which the last access may run ahead of the storage: after a crash a session may expire earlier by
    /// that much.
    /// </summary>
    /// <value>From 0.01 to 0.9; 0.25 by default.</value>
    public double TouchFraction { get; set; } = 0.25;

    /// <summary>How long an idle session stays in memory before only the storage has it. Volatile sessions stay until their deadline.</summary>
    /// <value>Longer than Orleans' collection quantum (one minute by default), at most one day; 5 minutes by default.</value>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// For how long a silo may answer after it began its last successful look at its own entry in the membership table. It has to be shorter
    /// than the time in which other silos declare a silo dead.
    /// </summary>
    /// <value>At least 100 milliseconds; null, the default, takes 80 % of the shortest time to declare a silo dead.</value>
    public TimeSpan? FenceAge { get; set; }

    /// <summary>How long after a rotation the replaced token may still be shown by requests in flight without being a sign of theft.</summary>
    /// <value>From 0 to one hour; 10 seconds by default.</value>
    public TimeSpan RotationGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether frontends may create volatile sessions. Orleans' shedding of activations under memory pressure has to be off then.</summary>
    /// <value>True by default.</value>
    public bool AllowVolatile { get; set; } = true;

    /// <summary>How the rows of sessions that nobody asks for again leave the storage.</summary>
    public SessionExpiryOptions Expiry { get; set; } = new();

    /// <summary>How long a signing key made by the cluster signs before a new one is made.</summary>
    /// <value>From one hour to 365 days; 30 days by default.</value>
    public TimeSpan SigningKeyRotation { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Whether the silo tries the storage provider at its start and refuses one that would break the guarantees.</summary>
    /// <value>True by default. Turn it off only for a provider that works no earlier than its silo is active.</value>
    public bool ProbeStorage { get; set; } = true;

    internal List<string> ConfigurationFaults { get; } = [];

    /// <exception cref="ArgumentException">These silos do not keep sessions of the terms.</exception>
    internal void ThrowIfNotAllowed(SessionTerms? terms)
    {
        if (terms is { Durability: SessionDurability.Volatile } && !AllowVolatile)
        {
            throw new ArgumentException("Volatile sessions are not allowed on these silos. Set ServerSession:AllowVolatile on the silos, or use another durability.", nameof(terms));
        }
    }
}
