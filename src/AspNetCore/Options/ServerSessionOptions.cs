using ServerSession.AspNetCore;

namespace ServerSession;

/// <summary>
/// How the web tier keeps sessions. Read from the configuration section <c>ServerSession</c>, then changed by the code given to
/// <c>AddServerSession</c> or <c>Configure</c> in the order of the calls, and checked at start: every fault is reported at once, with its key
/// and its fix.
/// </summary>
public sealed class ServerSessionOptions
{
    /// <summary>The idle timeout of new sessions.</summary>
    /// <value>From one second to 365 days; 20 minutes by default.</value>
    public TimeSpan IdleTimeout { get; set; } = SessionTerms.Default.IdleTimeout;

    /// <summary>The absolute lifetime of new sessions.</summary>
    /// <value>From <see cref="IdleTimeout"/> to 365 days; 7 days by default.</value>
    public TimeSpan AbsoluteLifetime { get; set; } = SessionTerms.Default.AbsoluteLifetime;

    /// <summary>What an acknowledged change of a new session survives.</summary>
    /// <value><see cref="SessionDurability.WriteThrough"/> by default.</value>
    public SessionDurability Durability { get; set; } = SessionDurability.WriteThrough;

    /// <summary>What is kept for endpoints that declare how old a session may be.</summary>
    public SessionNearCacheOptions NearCache { get; } = new();

    /// <summary>How long a change may wait for its storage write under <see cref="SessionDurability.WriteBehind"/>.</summary>
    /// <value>From 10 milliseconds to one hour; one second by default.</value>
    public TimeSpan WriteBehindInterval { get; set; } = SessionTerms.Default.WriteBehindInterval;

    /// <summary>What one session may hold. Checked here early, key by key; the session grain enforces its own limits.</summary>
    /// <value>See <see cref="SessionLimits"/>. A silo in the same process starts from them. Kept as a copy: a binder writes into it.</value>
    public SessionLimits Limits { get; set => field = value with { }; } = new();

    /// <summary>What holds for the sessions of one user.</summary>
    public SubjectOptions Subjects { get; } = new();

    /// <summary>The cookie.</summary>
    public SessionCookieOptions Cookie { get; } = new();

    /// <summary>
    /// The name of a request header that carries the token of API clients, and of the response header that hands one out. A request with
    /// this header uses it alone: its cookie is neither read nor written, so no script can turn the cookie's session into a readable header.
    /// </summary>
    /// <value>A header name such as <c>Session-Token</c>. Null, the default, reads no header.</value>
    public string? Header { get; set; }

    /// <summary>
    /// Whether a request that the browser calls cross-site (<c>Sec-Fetch-Site</c>), and that brings no token, may start a session. A request
    /// with the header named by <see cref="Header"/> is a script's and not meant.
    /// </summary>
    /// <value><see cref="CrossSiteStartPolicy.Allow"/> by default, because a sign-in answer that is posted (OpenID Connect's form_post) is such a request.</value>
    public CrossSiteStartPolicy CrossSiteStart { get; set; } = CrossSiteStartPolicy.Allow;

    /// <summary>What a request sees while its session cannot be reached.</summary>
    /// <value><see cref="UnavailablePolicy.Fail"/> by default.</value>
    public UnavailablePolicy OnUnavailable { get; set; } = UnavailablePolicy.Fail;

    /// <summary>What Retry-After says in a 503.</summary>
    /// <value>Whole seconds, from one second to one hour; 2 seconds by default.</value>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a request waits for the cluster, its calls together, before the session counts as unavailable; each call after the first has half
    /// a second at least. Meanwhile a call that failed is repeated; one attempt takes two to three seconds at most. Changes carry the time at
    /// which they are given up, and a silo whose clock is past it refuses them: the clock of a silo may be ahead of a frontend's by less than this.
    /// </summary>
    /// <value>
    /// From zero to 20 seconds, and at least 2 seconds shorter than the operation window (15 seconds by default); 6 seconds by default. Zero
    /// repeats nothing and waits two seconds.
    /// </value>
    public TimeSpan RetryBudget { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// The keys that sign tokens, in base64, 32 to 64 random bytes each: the first signs, all verify. Empty, the default, lets the cluster
    /// make, keep and rotate them.
    /// </summary>
    public IList<string> SigningKeys { get; } = [];

    /// <summary>How often the cluster's signing keys are read again.</summary>
    /// <value>From one second to one hour; one minute by default. Without meaning where <see cref="SigningKeys"/> are given.</value>
    public TimeSpan SigningKeyRefreshInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>For how long the silos accept an operation, as far as this process's configuration says. Theirs to apply; here only compared.</summary>
    internal TimeSpan OperationWindow { get; set; } = TimeSpan.FromSeconds(15);

    internal List<string> ConfigurationFaults { get; } = [];

    internal SessionTerms ToTerms() => new()
    {
        IdleTimeout = IdleTimeout,
        AbsoluteLifetime = AbsoluteLifetime,
        Durability = Durability,
        WriteBehindInterval = WriteBehindInterval,
    };
}
