using System.Text;
using Orleans.Serialization.Invocation;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Wire;

/// <summary>One of every message between frontends and silos with all its members, each with another value; and those that may lack members.</summary>
internal static class WireSamples
{
    private static readonly DateTimeOffset Now = Sample.Now;
    private static readonly SessionId OtherId = SessionId.FromGrainKey(new Guid("ffeeddcc-bbaa-9988-7766-554433221100"));
    private static readonly SubjectKey User = SubjectKey.FromGrainKey(new Guid("0a0b0c0d-0102-0304-0506-070809101112"));
    private static readonly Guid Link = new("5f0c3a52-7d0e-4b5b-9a55-0d4a6a1c9b11");
    private static readonly SessionTerms Terms = new()
    {
        IdleTimeout = TimeSpan.FromMinutes(31),
        AbsoluteLifetime = TimeSpan.FromHours(33),
        Durability = SessionDurability.WriteBehind,
        WriteBehindInterval = TimeSpan.FromMilliseconds(350),
    };

    private static readonly SubjectChange Bind = new() { Subject = User, Label = "phone", MaximumSessions = 5, WhenFull = SubjectLimitPolicy.EndOldest };

    private static readonly SessionChange[] Changes =
    [
        SessionChange.Set("cart", Encoding.UTF8.GetBytes("two books")), SessionChange.Remove("old"), SessionChange.Clear(), SessionChange.Increment("visits", -7),
        SessionChange.GetOrSet("first", Encoding.UTF8.GetBytes("1")), SessionChange.CompareAndSet("state", Encoding.UTF8.GetBytes("from"), Encoding.UTF8.GetBytes("to")),
        SessionChange.CompareAndSet("absent", null, Encoding.UTF8.GetBytes("new")), SessionChange.Take("notice"), SessionChange.Append("log", Encoding.UTF8.GetBytes("line"), 9),
    ];

    private static readonly CreateSession Create = new()
    {
        Verifier = Sample.Verifier.Hash(),
        Terms = Terms,
        IssuedAt = Now,
        Changes = Changes,
        NotAfter = Now.AddSeconds(6),
        IsIdRegistered = true,
        Subject = Bind,
    };

    private static readonly CommitSession Commit = new()
    {
        Verifier = Sample.Verifier.Hash(),
        Operation = new OperationId(0x1122334455667788, 42),
        IssuedAt = Now,
        Changes = Changes,
        NewVerifier = Sample.OtherVerifier.Hash(),
        NewTerms = Terms,
        WantSnapshot = true,
        Touch = true,
        AccessedAt = Now.AddSeconds(-3),
        NotAfter = Now.AddSeconds(6),
        Subject = Bind,
        FirstUnanswered = 40,
    };

    private static readonly ListSession List = new()
    {
        Session = Sample.Id,
        Current = 11,
        CreatedAt = Now,
        ExpiresAt = Now.AddMinutes(31),
        Change = Bind,
        NotAfter = Now.AddSeconds(2),
    };

    private static readonly SessionReply Reply = new()
    {
        Outcome = SessionOutcome.Committed,
        Snapshot = new SessionSnapshot(7, Now.AddHours(-1), Terms, Sample.Data(("a", "1"), ("b", "two"))),
        ExpiresAt = Now.AddMinutes(31),
        Results = [new(true, new SessionValue(Encoding.UTF8.GetBytes("kept"), SessionValueKind.List)), new(false, null, 8)],
        Refusal = new SessionRefusal("A value is too large.", SessionLimit.TotalBytes, 2),
        GraceIsOver = true,
        IsBound = true,
    };

    private static readonly SubjectSession Listed = new()
    {
        Id = Sample.Id,
        CreatedAt = Now.AddHours(-2),
        BoundAt = Now.AddHours(-1),
        LastSeenAt = Now,
        ExpiresAt = Now.AddMinutes(31),
        Label = "phone",
        IsCurrent = true,
    };

    public static async Task<IReadOnlyList<WireRow>> WriteAsync(WireBodies bodies)
    {
        List<WireRow> rows = [];
        var watch = new WatchSession
        {
            Verifier = Sample.Verifier.Hash(),
            Mode = OpenMode.Peek,
            WantSnapshot = true,
            Stamp = 12,
            WantChanges = true,
            Frontend = bodies.Reference<IFrontendObserver>(),
        };
        await CallAsync<ISessionGrain>(session => session.CreateAsync(Create).AsTask());
        await CallAsync<ISessionGrain>(session => session.OpenAsync(Sample.Verifier.Hash(), OpenMode.Peek).AsTask());
        await CallAsync<ISessionGrain>(session => session.CommitAsync(Commit).AsTask());
        await CallAsync<ISessionGrain>(session => session.DestroyAsync(new DestroySession { Verifier = Sample.Verifier.Hash(), NotAfter = Now }).AsTask());
        await CallAsync<ISessionGrain>(session => session.WatchAsync(watch).AsTask());
        await CallAsync<ISessionGrain>(session => session.ExpireIfDueAsync().AsTask());
        await CallAsync<IFrontendObserver>(frontend => frontend.NotifyAsync(Link, [new(Sample.Id, SessionNoticeKind.Moved), new(OtherId, SessionNoticeKind.Ended)]).AsTask());
        await CallAsync<IFrontendObserver>(frontend => frontend.LeaveAsync(Link).AsTask());
        await CallAsync<ISubjectGrain>(subject => subject.AddAsync(List).AsTask());
        await CallAsync<ISubjectGrain>(subject => subject.RemoveAsync(Sample.Id, 11).AsTask());
        await CallAsync<ISubjectGrain>(subject => subject.HasAsync(Sample.Id, 11).AsTask());
        await CallAsync<ISubjectGrain>(subject => subject.ListAsync(20, 10).AsTask());
        await CallAsync<ISubjectGrain>(subject => subject.EndOneAsync(Sample.Id).AsTask());
        await CallAsync<ISubjectGrain>(subject => subject.EndAsync(new EndSubjectSessions { Through = 19, Keep = Sample.Id, NotAfter = Now }).AsTask());
        await CallAsync<ISubjectGrain>(subject => subject.PruneAsync().AsTask());
        await CallAsync<IBoundSessionGrain>(session => session.LookAsync(User).AsTask());
        await CallAsync<IBoundSessionGrain>(session => session.EndBoundAsync(User, 19, SubjectEndCause.Limit).AsTask());
        await CallAsync<ISubjectSecretGrain>(secret => secret.GetAsync().AsTask());
        await CallAsync<ISigningKeyGrain>(keys => keys.GetAsync().AsTask());
        await CallAsync<IClusterSessionsGrain>(sessions => sessions.EndAllAsync(Now).AsTask());
        await CallAsync<IExpiryShardGrain>(shard => shard.ReserveAsync(256, TimeSpan.FromMinutes(20)).AsTask());
        await CallAsync<IExpiryShardGrain>(shard => shard.RegisterAsync([Sample.Id, OtherId]).AsTask());
        await CallAsync<IExpiryShardGrain>(shard => shard.SweepAsync(Link).AsTask());
        await CallAsync<IDataProtectionKeyGrain>(keys => keys.GetAsync(Link).AsTask());
        await CallAsync<IDataProtectionKeyGrain>(keys => keys.StoreAsync(new DataProtectionKeyElement(Link, "key-1", "<key/>"), Now).AsTask());
        await CallAsync<IDataProtectionKeyGrain>(keys => keys.DeleteAsync([Link], Now).AsTask());

        Replied(Reply);
        Replied(new WatchReply { Session = Reply, Stamp = 13, Link = Link, AskAfter = TimeSpan.FromSeconds(45) });
        Replied(new ExpiryReply(true, Now));
        Replied(new SessionId[] { Sample.Id, OtherId });
        Replied(new ListSessionReply(17));
        Replied(true);
        Replied(new SubjectSessionPage { Sessions = [Listed], Next = 9, Count = 3 });
        Replied(new EndSubjectSessionsReply { Through = 19, Ended = 4, HasMore = true, Failed = 2 });
        Replied(new BoundSessionReply { Number = 11, LastAccess = Now, ExpiresAt = Now.AddMinutes(31) });
        Replied(new SubjectSecret([.. Enumerable.Range(1, SubjectSecret.Size).Select(static number => (byte)number)]));
        Replied(new TokenSigningKeyRing([Sample.Key(1, Now, Now.AddDays(8)), Sample.Key(2, Now.AddDays(1), Now.AddDays(9))]));
        Replied(44L);
        Replied(new SessionIdBlock { Seed = Link, Count = 256, ValidFor = TimeSpan.FromSeconds(59) });
        Replied(new ShardSweepReply { Looked = 100, Removed = 20, Failed = 3, HasMore = true });
        Replied(new DataProtectionKeyRing([new DataProtectionKeyElement(Link, "key-1", "<key/>")], isMadeElsewhere: true));
        Replied(DataProtectionKeyOutcome.Stored);
        Add("reply without a result", Response.Completed);
        Add("reply of a failure", Response.FromException(new SessionUnavailableException("The storage does not answer.")));

        // These stand in no message of their own.
        Add("SessionLimits", new SessionLimits { KeyBytes = 100, ValueBytes = 200, Keys = 30, TotalBytes = 400 });
        Add("SubjectBinding", new SubjectBinding(User, 11));
        foreach (var message in (object[])[Create, Commit, new DestroySession(), watch, List, new EndSubjectSessions(), Bind, Terms, Reply, Listed, new SubjectSessionPage { Sessions = [Listed], Count = 3 }])
        {
            var bytes = bodies.WriteMembers(message, WireMember.AllOf(message.GetType()).Where(static member => !member.IsOptional));
            rows.Add(new WireRow($"{message.GetType().Name} without its optional members", WireText.Of(bodies.Read(bytes)), Convert.ToBase64String(bytes)));
        }

        return rows;

        async Task CallAsync<TGrain>(Func<TGrain, Task> call)
            where TGrain : Orleans.Runtime.IAddressable
        {
            var (values, bytes) = await bodies.CallAsync(call);
            rows.Add(new WireRow(values[..values.IndexOf('(')], values, Convert.ToBase64String(bytes)));
        }

        void Replied<T>(T result) => Add($"reply {typeof(T).Name}", Response.FromResult(result));

        void Add(string name, object body) => rows.Add(new WireRow(name, WireText.Of(body), Convert.ToBase64String(bodies.Write(body))));
    }
}
