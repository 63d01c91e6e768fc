namespace ServerSession.Core;

/// <summary>What the rules decided: the reply, and the state to take where it changes.</summary>
/// <param name="Reply">The answer, valid once <paramref name="Next"/> is stored.</param>
/// <param name="Next">The next state; null where it stays.</param>
/// <param name="MustStore">Whether the change has to be stored before it is answered, as far as the durability asks.</param>
public readonly record struct SessionDecision(SessionReply Reply, SessionState? Next = null, bool MustStore = false);

/// <summary>
/// What a session does, as pure functions: no clock, no storage, no grain. The caller serializes the operations of one session, ends it
/// when its deadline has passed, stores what is to be stored and only then answers.
/// </summary>
public static class SessionRules
{
    /// <summary>Makes a session that does not exist.</summary>
    /// <exception cref="ArgumentException">The terms are not valid, or the verifier is <c>default</c>.</exception>
    public static SessionDecision Create(CreateSession request, DateTimeOffset now, SessionLimits limits, TimeSpan window)
    {
        Check(request.Terms);
        Check(request.Verifier);
        Check(request.Subject);
        if (!InWindow(request.IssuedAt, now, window) || HasGivenUp(request.NotAfter, now))
        {
            return new(SessionReply.Of(SessionOutcome.Late));
        }

        var edit = SessionDataEditor.Apply(SessionData.Empty, request.Changes, limits);
        if (edit.Outcome != SessionOutcome.Committed)
        {
            return new(new SessionReply { Outcome = edit.Outcome, Refusal = edit.Refusal });
        }

        var state = new SessionState
        {
            Snapshot = new SessionSnapshot(1, now, SharedTerms.Of(request.Terms), edit.Data),
            Verifier = request.Verifier,
            CreateEndsAt = Times.After(request.IssuedAt, window * 2),
        };
        var reply = new SessionReply
        {
            Outcome = SessionOutcome.Created,
            Snapshot = state.Snapshot,
            ExpiresAt = state.Deadline(now),
            Results = edit.Results,
        };
        return new(reply, state, MustStore: true);
    }

    /// <summary>Opens a live session. The last access is the caller's to move.</summary>
    public static SessionReply Open(SessionState state, VerifierHash verifier, DateTimeOffset lastAccess) =>
        state.Verifier == verifier
            ? new SessionReply { Outcome = SessionOutcome.Opened, Snapshot = state.Snapshot, ExpiresAt = state.Deadline(lastAccess), IsBound = state.Binding is not null }
            : SessionReply.Of(SessionOutcome.Stale);

    /// <summary>Applies a commit to a live session, once per operation id.</summary>
    /// <param name="state">The session.</param>
    /// <param name="request">The commit.</param>
    /// <param name="lastAccess">The last access, this one included.</param>
    /// <param name="now">The time.</param>
    /// <param name="limits">What the session may hold.</param>
    /// <param name="window">For how long an operation may be repeated.</param>
    /// <exception cref="ArgumentException">The new terms are not valid, or the operation or the new verifier is <c>default</c>.</exception>
    public static SessionDecision Commit(
        SessionState state, CommitSession request, DateTimeOffset lastAccess, DateTimeOffset now, SessionLimits limits, TimeSpan window)
    {
        if (request.Operation == default)
        {
            throw new ArgumentException("A default OperationId names no operation: every commit would be a repeat of the first. Use OperationId.New().", nameof(request));
        }

        var current = state.Verifier == request.Verifier;
        var replaced = !state.Previous.IsDefault && state.Previous == request.Verifier;
        if ((current || replaced) && state.Operations.TryFind(request.Operation, out var done))
        {
            // The result is the caller's own; what the session holds now is not for a token that a rotation has replaced.
            var mayRead = current || request.NewVerifier == state.Verifier;
            return new(Repeated(state, mayRead ? request : request with { WantSnapshot = false }, in done, lastAccess));
        }

        if (!current)
        {
            var sameRotation = replaced && request.NewVerifier == state.Verifier && request.Changes.Count == 0 && request.NewTerms is null;
            return new(sameRotation ? Committed(state, request, null, lastAccess) : SessionReply.Of(SessionOutcome.Stale));
        }

        if (!InWindow(request.IssuedAt, now, window) || state.Operations.HasForgotten(request.Operation, request.IssuedAt) || HasGivenUp(request.NotAfter, now))
        {
            return new(SessionReply.Of(SessionOutcome.Late));
        }

        if (request.NewTerms is { } terms)
        {
            Check(terms);
        }

        if (request.NewVerifier is { } verifier)
        {
            Check(verifier);
        }

        Check(request.Subject);
        return Apply(state, request, lastAccess, now, limits, window);
    }

    /// <summary>
    /// Whether the caller of an operation waits for it no longer. Ask right before the operation takes effect: it may have waited for the
    /// session, or for the storage, since it arrived.
    /// </summary>
    public static bool HasGivenUp(DateTimeOffset? notAfter, DateTimeOffset now) => notAfter < now;

    /// <summary>Lets a decided commit, or create, bind the session or unbind it.</summary>
    /// <param name="decision">What <see cref="Commit"/> or <see cref="Create"/> decided; it has a next state.</param>
    /// <param name="binding">The binding; null for none.</param>
    public static SessionDecision Bind(in SessionDecision decision, SubjectBinding? binding) => decision with
    {
        Reply = decision.Reply with { IsBound = binding is not null },
        Next = decision.Next! with { Binding = binding },
    };

    /// <summary>Refuses a decided commit because the subject has as many sessions as it may have; remembered like every refusal.</summary>
    public static SessionDecision RefuseSubject(SessionState state, CommitSession request, DateTimeOffset lastAccess, DateTimeOffset now, TimeSpan window)
    {
        var refusal = SubjectIsFull(request.Subject!);
        var record = OperationRecord.Of(request, null, refusal);
        return new(Refused(state, SessionOutcome.TooLarge, refusal, lastAccess), state with { Operations = state.Operations.Add(in record, now, window) }, MustStore: true);
    }

    public static SessionRefusal SubjectIsFull(SubjectChange change) => new(
        $"The user has {change.MaximumSessions} sessions, which is the maximum, so this one was not bound. End one of them first.", SessionLimit.SubjectSessions, Change: -1);

    private static SessionDecision Apply(
        SessionState state, CommitSession request, DateTimeOffset lastAccess, DateTimeOffset now, SessionLimits limits, TimeSpan window)
    {
        // A rotation to the verifier in force changes nothing; taken as one it would forget the verifier that was really replaced.
        var rotates = request.NewVerifier is { } newVerifier && newVerifier != state.Verifier;
        if (request.Changes.Count == 0 && !rotates && request.NewTerms is null && request.Subject is null)
        {
            return new(Committed(state, request, null, lastAccess));
        }

        var edit = SessionDataEditor.Apply(state.Snapshot.Data, request.Changes, limits);
        var record = OperationRecord.Of(request, edit.Results, edit.Refusal);
        var operations = state.Operations.Add(in record, now, window);
        if (edit.Outcome != SessionOutcome.Committed)
        {
            // Remembered, so that a duplicate of what was reported as refused is not applied when there is capacity again.
            return new(Refused(state, edit.Outcome, edit.Refusal, lastAccess), state with { Operations = operations }, MustStore: true);
        }

        var before = state.Snapshot;
        var next = state with
        {
            Snapshot = new SessionSnapshot(before.Version + 1, before.CreatedAt, request.NewTerms is { } newTerms ? SharedTerms.Of(newTerms) : before.Terms, edit.Data),
            Operations = operations,
        };
        if (rotates)
        {
            next = next with { Verifier = request.NewVerifier!.Value, Previous = state.Verifier, RotatedAt = now };
        }

        return new(Committed(next, request, edit.Results, lastAccess), next, MustStore: true);
    }

    private static SessionReply Committed(
        SessionState state, CommitSession request, IReadOnlyList<SessionChangeResult>? results, DateTimeOffset lastAccess) =>
        new()
        {
            Outcome = SessionOutcome.Committed,
            Snapshot = request.WantSnapshot ? state.Snapshot : null,
            ExpiresAt = state.Deadline(lastAccess),
            Results = results,
            IsBound = state.Binding is not null,
        };

    private static SessionReply Repeated(SessionState state, CommitSession request, in OperationRecord done, DateTimeOffset lastAccess) =>
        done.Outcome == SessionOutcome.Committed
            ? Committed(state, request, done.Results, lastAccess)
            : Refused(state, done.Outcome, done.Refusal, lastAccess);

    private static SessionReply Refused(SessionState state, SessionOutcome outcome, SessionRefusal? refusal, DateTimeOffset lastAccess) =>
        new() { Outcome = outcome, Refusal = refusal, ExpiresAt = state.Deadline(lastAccess) };

    private static bool InWindow(DateTimeOffset issuedAt, DateTimeOffset now, TimeSpan window) =>
        (issuedAt - now).Duration() <= window;

    private static void Check(VerifierHash verifier)
    {
        if (verifier.IsDefault)
        {
            throw new ArgumentException("A default VerifierHash is the hash of no verifier: nobody could open the session. Use SessionVerifier.Hash().", nameof(verifier));
        }
    }

    private static void Check(SubjectChange? change)
    {
        if (change is { MaximumSessions: < 0 } or { Label.Length: > SubjectChange.LongestLabel } || (change is not null && !Enum.IsDefined(change.WhenFull)))
        {
            throw new ArgumentException(
                $"The session cannot be bound. MaximumSessions must not be negative, WhenFull has to be a SubjectLimitPolicy, and Label has at most {SubjectChange.LongestLabel} characters.", nameof(change));
        }
    }

    private static void Check(SessionTerms terms)
    {
        if (terms.Validate() is { } fault)
        {
            throw new ArgumentException($"The session terms cannot be used. {fault}", nameof(terms));
        }
    }
}
