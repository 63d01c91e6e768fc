using CsCheck;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>Random cases.</summary>
internal static class Programs
{
    /// <summary>Small enough to be met.</summary>
    public static readonly SessionLimits Limits = new() { KeyBytes = 8, ValueBytes = 24, Keys = 4, TotalBytes = 70 };

    private static readonly Gen<string> Key = OneOf("n", "n", "n", "list", "a", "b", "c", "a long key");
    private static readonly Gen<string> Value = OneOf("", "5", "-12", "v1", "v2", "v3", "042", "12345678901234567890", "1234567890123456789012345");

    private static readonly Gen<SessionChange> Change = Gen.Frequency(
        (8, Gen.Select(Key, Value, SessionDriver.Set)),
        (2, Key.Select(SessionChange.Remove)),
        (1, Gen.Const(SessionChange.Clear())),
        (8, Gen.Long[1, 3].Select(by => SessionChange.Increment("n", by))),
        (1, Key.Select(key => SessionChange.Increment(key, long.MaxValue))),
        (3, Gen.Select(Key, Value, (key, value) => SessionChange.GetOrSet(key, Sample.Bytes(value)))),
        (3, Gen.Select(Key, Gen.Null(Value), Gen.Null(Value), (key, expected, value) =>
            SessionChange.CompareAndSet(key, expected is null ? null : Sample.Bytes(expected), value is null ? null : Sample.Bytes(value)))),
        (2, Key.Select(SessionChange.Take)),
        (4, Gen.Select(Value, Gen.Int[1, 3], (value, most) => SessionChange.Append("list", Sample.Bytes(value), most))));

    private static readonly Gen<TimeSpan> Interval = OneOf(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));

    private static readonly Gen<(TimeSpan Idle, TimeSpan Lifetime)> Times = OneOf(
        (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(25)),
        (TimeSpan.FromSeconds(30), TimeSpan.FromHours(1)),
        (TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(30)),
        (TimeSpan.FromMinutes(20), TimeSpan.FromDays(7)));

    private static readonly Gen<int> Frontend = Gen.Frequency((1, Gen.Const(Step.Open.Outside)), (6, Gen.Const(Step.Open.WhereItIs)), (2, Gen.Int[0, 2]));

    private static readonly Gen<TimeSpan> Patience = OneOf(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));

    private static readonly Gen<Step> Delay = Gen.Select(
        Gen.Frequency((5, Change.Array[1, 2].Select(SessionChange[]? (changes) => changes)), (1, Nothing<SessionChange[]?>())),
        Patience,
        Step (changes, patience) => new Step.Delay(changes, patience));

    private static readonly Gen<Step> Clock = Gen.Frequency(
        (6, OneOf(200, 1000, 4000)),
        (3, OneOf(9000, 16000)),
        (1, OneOf(35000, 70000)),
        (3, OneOf(-300, -2000))).Select(Step (milliseconds) => new Step.Clock(TimeSpan.FromMilliseconds(milliseconds)));

    private static readonly Gen<Step> AnyFault = Gen.Select(
        Gen.Enum<FaultKind>(),
        Gen.Frequency((3, Nothing<StorageOperationKind?>()), (2, Gen.Enum<StorageOperationKind>().Select(StorageOperationKind? (kind) => kind))),
        Gen.Frequency((3, Gen.Const(1)), (1, Gen.Int[2, 3])),
        Step (kind, operation, times) => new Step.Fault(kind, operation, times));

    /// <summary>Cases of a durability, whose terms change now and then.</summary>
    public static Gen<Program> Of(SessionDurability durability, bool faults, int clients) => Gen.Select(
        Terms(Gen.Const(durability)),
        Change.Array[0, 2],
        Gen.Frequency((2, Nothing<Step?>()), (faults ? 1 : 0, AnyFault.Select(Step? (step) => step))),
        Steps(faults).Array[1, clients],
        (terms, changes, fault, steps) => new Program(terms, changes, (Step.Fault?)fault, steps));

    /// <summary>Cases of write-through sessions that stay so, without faults.</summary>
    public static Gen<Program> AlwaysStored(int clients) => Of(SessionDurability.WriteThrough, faults: false, clients).Select(static program =>
        program with { Clients = [.. program.Clients.Select(static steps => steps.Select(Untermed).ToArray())] });

    private static Step Untermed(Step step) => step is Step.Commit commit ? commit with { Terms = null } : step;

    private static Gen<SessionTerms> Terms(Gen<SessionDurability> durability) => Gen.Select(durability, Times, Interval, (kind, times, interval) =>
        new SessionTerms { Durability = kind, IdleTimeout = times.Idle, AbsoluteLifetime = times.Lifetime, WriteBehindInterval = interval });

    private static Gen<Step[]> Steps(bool faults)
    {
        var seldom = Gen.Frequency((5, Gen.Const(false)), (1, Gen.Const(true)));
        var terms = Gen.Frequency(
            (6, Nothing<SessionTerms?>()),
            (1, Terms(Gen.Enum<SessionDurability>()).Select(SessionTerms? (value) => value)));
        var patience = Gen.Frequency((2, Nothing<TimeSpan?>()), (1, Patience.Select(TimeSpan? (time) => time)));
        var step = Gen.Frequency(
            (6, Gen.Select(seldom, seldom, Frontend, Step (peek, old, at) => new Step.Open(peek, old, at))),
            (14, Gen.Select(Change.Array[0, 3], seldom, terms, seldom, seldom, Gen.Select(seldom, Frontend, patience), Step (changes, rotate, newTerms, old, noTouch, arrival) =>
                new Step.Commit(changes, rotate, newTerms, old, !noTouch, arrival.Item1, arrival.Item2, arrival.Item3))),
            (3, Delay),
            (3, Gen.Const<Step>(new Step.Arrive())),
            (4, Gen.Int[0, 5].Select(Step (which) => new Step.Again(which))),
            (1, Gen.Const<Step>(new Step.CreateAgain())),
            (1, Gen.Select(seldom, seldom, Step (administrator, old) => new Step.Destroy(administrator, old))),
            (1, Gen.Const<Step>(new Step.Expire())),
            (3, Gen.Const<Step>(new Step.Drop())),
            (2, Gen.Const<Step>(new Step.Migrate())),
            (4, Clock),
            (faults ? 7 : 0, AnyFault),
            (faults ? 2 : 0, Gen.Const<Step>(new Step.Release())));

        // The ordinary visit, half of the time: without it few cases get to commit locally.
        var visit = Change.Array[0, 3].Select(Step (changes) =>
            new Step.Commit(changes, Rotate: false, Terms: null, Old: false, Touch: true, Twice: false, Step.Open.WhereItIs));
        return Gen.Select(visit.Array[0, 1], step.Array[1, 7], Step[] (first, rest) => [.. first, .. rest]);
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(at => values[at]);

    private static Gen<T?> Nothing<T>() => Gen.Const(default(T));
}
