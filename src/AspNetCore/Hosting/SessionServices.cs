using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>What every request's session needs: one object for the process, so that a request carries one reference.</summary>
internal sealed class SessionServices(
    IOptions<ServerSessionOptions> options,
    IEnumerable<IHostEnvironment> environments,
    IServerSessionStore store,
    ISessionSerializer serializer,
    SigningKeyRingProvider keys,
    ISessionIdSource ids,
    SessionEndings endings,
    IServerSessionSubjects subjects,
    ServerSessionMetrics metrics,
    TimeProvider time,
    IServiceScopeFactory scopes,
    ILogger<RequestSession> logger)
{
    public ServerSessionOptions Options { get; } = options.Value;

    /// <summary>The request headers that can carry a token, as Vary lists them.</summary>
    public string VaryHeaders { get; } = options.Value.Header is { } header ? $"Cookie, {header}" : "Cookie";

    /// <summary>How long one request waits for its session.</summary>
    public TimeSpan Budget { get; } = CallBudget.Of(options.Value);

    public SessionTerms Terms { get; } = options.Value.ToTerms();

    public SessionCookie Cookie { get; } = new(options.Value.Cookie, environments.LastOrDefault(), new ResponseWarnings(logger));

    public ResponseWarnings Warnings => Cookie.Warnings;

    public IServerSessionStore Store { get; } = store;

    public SessionValues Values => Changes.Values;

    public TypedChanges Changes { get; } = new(new SessionValues(serializer, options.Value.Limits));

    public SigningKeyRingProvider Keys { get; } = keys;

    /// <summary>Where the ids of new sessions come from.</summary>
    public ISessionIdSource Ids { get; } = ids;

    /// <summary>Ends what attempts to create a session may have left.</summary>
    public AbandonedSessions Abandoned { get; } = new(store, time, logger);

    public SessionEndings Endings { get; } = endings;

    /// <summary>Numbers the commits of the process's requests.</summary>
    public OperationNumbering Operations { get; } = new();

    /// <summary>Hashes user ids.</summary>
    public IServerSessionSubjects Subjects { get; } = subjects;

    public ServerSessionMetrics Metrics { get; } = metrics;

    public TimeProvider Time { get; } = time;

    public BlockingLoads BlockingLoads { get; } = new();

    public VerifiedTokens Tokens { get; } = new();

    public IServiceScopeFactory Scopes { get; } = scopes;

    public ILogger Logger { get; } = logger;
}
