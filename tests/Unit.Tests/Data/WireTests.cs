using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Data;

/// <summary>What a frontend sends is what the grain on another silo gets, and back.</summary>
public sealed class WireTests : IDisposable
{
    private static readonly byte[] Bytes = Sample.Bytes("the same");

    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public static TheoryData<string, SessionChange[]> Changes => new()
    {
        { "one array twice", [SessionChange.Set("a", Bytes), SessionChange.Set("b", Bytes)] },
        { "two empty values", [SessionChange.Set("a", Array.Empty<byte>()), SessionChange.Append("b", Array.Empty<byte>(), 3)] },
        { "expected and new value the same", [SessionChange.CompareAndSet("a", Bytes, Bytes)] },
        { "empty and absent", [SessionChange.CompareAndSet("a", [], null), SessionChange.CompareAndSet("b", null, [])] },
        { "nothing but kinds", [SessionChange.Clear(), SessionChange.Remove("a"), SessionChange.Take("a"), SessionChange.Increment("a", -7)] },
    };

    // Defect: a commit with the same bytes twice could not be read by another silo.
    [Theory, MemberData(nameof(Changes))]
    public void Commit_arrives_as_it_was_sent(string what, SessionChange[] changes)
    {
        Assert.NotEmpty(what);
        var sent = new CommitSession
        {
            Verifier = Sample.Verifier.Hash(),
            Operation = OperationId.New(),
            IssuedAt = Sample.Now,
            Changes = changes,
            NewVerifier = Sample.OtherVerifier.Hash(),
            NewTerms = SessionTerms.Default,
            NotAfter = Sample.Now.AddSeconds(6),
            AccessedAt = Sample.Now.AddSeconds(-1),
        };

        var got = RoundTrip(sent);

        Assert.Equal(sent with { Changes = got.Changes }, got);
        Assert.Equal(changes.Select(Show), got.Changes.Select(Show));
    }

    [Fact]
    public void Reply_arrives_as_it_was_sent()
    {
        var value = new SessionValue(Bytes);
        var data = Sample.Data(("empty", ""), ("none", ""), ("a", "1"));
        var sent = new SessionReply
        {
            Outcome = SessionOutcome.Committed,
            Snapshot = new SessionSnapshot(3, Sample.Now, SessionTerms.Default, data),
            Results = [new(true, value), new(false, value), new(false), new(true, new SessionValue(default))],
        };

        var got = RoundTrip(sent);

        Assert.Equal(EditorModel.Show(data), EditorModel.Show(got.Snapshot!.Data));
        Assert.Equal(sent.Results.Select(EditorModel.Show), got.Results!.Select(EditorModel.Show));
    }

    [Fact]
    public void Watch_and_its_reply_arrive_as_they_were_sent()
    {
        var sent = new WatchSession { Verifier = Sample.Verifier.Hash(), Mode = OpenMode.Touch, WantSnapshot = true, Stamp = 7, WantChanges = true };
        var reply = new WatchReply
        {
            Session = new SessionReply { Outcome = SessionOutcome.Opened, ExpiresAt = Sample.Now },
            Stamp = 8,
            Link = Guid.NewGuid(),
            AskAfter = TimeSpan.FromMinutes(1),
        };
        SessionNotice[] notices = [new(SessionId.New(), SessionNoticeKind.Moved), new(SessionId.New(), SessionNoticeKind.Ended)];

        Assert.Equal(sent, RoundTrip(sent));
        Assert.Equal(reply, RoundTrip(reply));
        Assert.Equal(notices, RoundTrip(notices));
    }

    public void Dispose() => _services.Dispose();

    private T RoundTrip<T>(T value)
    {
        var serializer = _services.GetRequiredService<Serializer>();
        return serializer.Deserialize<T>(serializer.SerializeToArray(value))!;
    }

    private static string Show(SessionChange change) =>
        $"{change.Kind} {change.Key} {Text(change.Value)} {Text(change.Expected)} {change.Number}";

    private static string Text(ReadOnlyMemory<byte>? bytes) => bytes is { } there ? $"'{Sample.Text(there)}'" : "none";
}
