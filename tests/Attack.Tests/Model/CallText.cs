using ServerSession.Tests.Data;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>Calls and their parts in words, for whoever has to understand a failure.</summary>
internal static class CallText
{
    public static string Show(int index, Call call) =>
        $"  [{index}] client {call.Client} at {call.Sent}…{(call.Answered == Call.Never ? "never" : call.Answered)}, clock {call.Now}: {Show(call.Request)} -> {Answer(call)}";

    public static string Show(Request request) => request switch
    {
        Request.Create create => $"create {Show(create.Message.Terms)} issued {At(create.Message.IssuedAt)} {Show(create.Message.Changes)}",
        Request.Open open => $"{(open.Peek ? "peek" : "open")} token {open.Token} at {open.At}",
        Request.Commit commit => $"commit #{commit.Operation} token {commit.Token} issued {At(commit.Message.IssuedAt)}{Until(commit.Message.NotAfter)}"
            + $"{(commit.NewToken is { } token ? $" rotate to {token}" : "")}{(commit.Message.NewTerms is { } terms ? $" terms {Show(terms)}" : "")}"
            + $"{(commit.Message.Touch ? "" : " no touch")} {Show(commit.Message.Changes)}",
        Request.Look look => $"look [{look.Data}]",
        Request.Destroy destroy => (destroy.Token is { } token ? $"destroy token {token}" : "destroy by administrator") + Until(destroy.NotAfter),
        _ => request.GetType().Name,
    };

    public static string Show(IEnumerable<SessionChange> changes) => "[" + string.Join(", ", changes.Select(Show)) + "]";

    public static string Show(SessionTerms terms) =>
        $"{terms.Durability}/{terms.IdleTimeout.TotalSeconds}s/{terms.AbsoluteLifetime.TotalSeconds}s/{terms.WriteBehindInterval.TotalMilliseconds}ms";

    private static string Show(SessionChange change) => change.Kind switch
    {
        SessionChangeKind.Increment => $"{change.Key}+={change.Number}",
        SessionChangeKind.CompareAndSet => $"{change.Key}:{Text(change.Expected)}->{Text(change.Value)}",
        SessionChangeKind.Append => $"{change.Key}<<{Text(change.Value)} max {change.Number}",
        SessionChangeKind.Clear => "clear",
        _ => $"{change.Kind} {change.Key} {Text(change.Value)}",
    };

    private static string Text(ReadOnlyMemory<byte>? bytes) => bytes is { } there ? $"'{Sample.Text(there)}'" : "none";

    private static string Answer(Call call)
    {
        if (call.Expiry is { } expiry)
        {
            return expiry.Gone ? "gone" : $"due {At(expiry.ExpiresAt)}";
        }

        if (call.Reply is not { } reply)
        {
            return $"unknown ({call.Failure})";
        }

        var results = reply.Results is null ? "" : $" results {string.Join('|', reply.Results.Select(EditorModel.Show))}";
        var snapshot = reply.Snapshot is { } seen ? $" version {seen.Version} created {At(seen.CreatedAt)} {Show(seen.Terms)} [{EditorModel.Show(seen.Data)}]" : "";
        return $"{reply.Outcome} due {At(reply.ExpiresAt)}{results}{snapshot}";
    }

    private static string Until(DateTimeOffset? notAfter) => notAfter is { } time ? $" until {At(time)}" : "";

    private static string At(DateTimeOffset time) => time == default ? "-" : new TimeRange(time, time).ToString();
}
