using CsCheck;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Stored;

/// <summary>States to store: one that uses everything the form has, and arbitrary ones.</summary>
internal static class SampleStates
{
    public static readonly DateTimeOffset LastAccess = Sample.Now.AddMinutes(5);

    private static readonly Gen<DateTimeOffset> Times =
        Gen.Long[0, DateTimeOffset.MaxValue.Ticks].Select(ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    private static readonly Gen<SessionValue> Values = Gen.Select(
        Gen.Byte.Array[0, 40],
        Gen.Bool,
        (bytes, list) => list ? new SessionValue(SessionList.Append(default, bytes, 5, out _), SessionValueKind.List) : new SessionValue(bytes));

    private static readonly Gen<SessionData> Datas = Gen.Select(Gen.String[Gen.Char['\u0001', '\u0800'], 1, 12], Values).Array[0, 10].Select(entries =>
    {
        var distinct = entries.DistinctBy(entry => entry.Item1).OrderBy(entry => entry.Item1, StringComparer.Ordinal)
            .Select(entry => new SessionEntry(entry.Item1, entry.Item2)).ToArray();
        return new SessionData(distinct, distinct.Sum(entry => SessionData.SizeOf(entry.Key, entry.Value)));
    });

    private static readonly Gen<SessionChangeResult> Results = Gen.Select(
        Gen.Bool, Gen.Nullable(Values), Gen.Long, (applied, value, number) => new SessionChangeResult(applied, value, number));

    private static readonly Gen<OperationRecord> Records = Gen.Select(
        Gen.ULong[1, 3].Select(source => source * 0x9E3779B97F4A7C15),
        Gen.ULong,
        Times,
        Gen.Int[0, 4],
        Results.Array[1, 3],
        Gen.ULong,
        (source, sequence, time, kind, results, first) => new OperationRecord(
            new OperationId(source, sequence),
            time,
            kind == 0 ? results : null,
            kind == 1 ? new SessionRefusal("Too large.", SessionLimit.Keys, -1) : kind == 2 ? new SessionRefusal("No number.", null, 3) : null,
            kind == 4 ? 0 : first));

    private static readonly Gen<SessionTerms> Terms = Gen.Select(
        Gen.Long[1, 365 * 24 * 3600], Gen.Enum<SessionDurability>(), Gen.Long[10, 3_600_000],
        (seconds, durability, interval) => new SessionTerms
        {
            IdleTimeout = TimeSpan.FromSeconds(1 + (seconds / 2)),
            AbsoluteLifetime = TimeSpan.FromSeconds(Math.Max(seconds, 1 + (seconds / 2))),
            Durability = durability,
            WriteBehindInterval = TimeSpan.FromMilliseconds(interval),
        });

    public static readonly Gen<SessionState> Any = Gen.Select(
        Datas, Terms, Gen.Long[1, long.MaxValue], Times, Times, Records.Array[0, 80], Gen.Bool, Times)
        .Select((data, terms, version, created, floor, records, rotated, at) => new SessionState
        {
            Snapshot = new SessionSnapshot(version, created, terms, data),
            Verifier = Sample.Verifier.Hash(),
            Previous = rotated ? Sample.OtherVerifier.Hash() : default,
            RotatedAt = rotated ? at : default,
            CreateEndsAt = at,
            Operations = new OperationLog(records, floor),
        });

    /// <param name="isNumbered">Whether the sources of the remembered operations said which is the first that they wait for.</param>
    public static SessionState Full(bool isNumbered = true)
    {
        var data = SessionDataEditor.Apply(
            SessionData.Empty,
            [Sample.Set("name", "Ada"), Sample.Set("ключ", "значение"), Sample.Set("empty", ""), SessionChange.Append("list", Sample.Bytes("one"), 3), SessionChange.Append("list", Sample.Bytes("two"), 3)],
            SessionLimits.Default).Data;
        OperationRecord[] records =
        [
            new(new(0x1122334455667788, 41), Sample.Now, null, null),
            new(new(0x1122334455667788, 42), Sample.Now.AddMilliseconds(20), null, null, isNumbered ? 41UL : 0),
            new(new(0xFFEEDDCCBBAA9988, 7), Sample.Now.AddMilliseconds(15), [new(true, new SessionValue(Sample.Bytes("12")), 12), default], null),
            new(new(0x1122334455667788, 43), Sample.Now.AddMilliseconds(40), null, new SessionRefusal("Too large.", SessionLimit.TotalBytes, -1), isNumbered ? 41UL : 0),
        ];
        return new SessionState
        {
            Snapshot = new SessionSnapshot(300, Sample.Now, SessionTerms.Default with { Durability = SessionDurability.WriteBehind }, data),
            Verifier = Sample.Verifier.Hash(),
            Previous = Sample.OtherVerifier.Hash(),
            RotatedAt = Sample.Now.AddMinutes(1),
            CreateEndsAt = Sample.Now + Sample.Window,
            Operations = new OperationLog(records, Sample.Now.AddSeconds(-15)),
        };
    }
}
