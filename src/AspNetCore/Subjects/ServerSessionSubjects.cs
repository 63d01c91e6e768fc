using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>Hashes user ids and asks for their lists.</summary>
internal sealed class ServerSessionSubjects(ISubjectStore store, SessionEndings endings, Microsoft.Extensions.Options.IOptions<ServerSessionOptions> options) : IServerSessionSubjects
{
    private const int LongestPage = 200;

    private readonly SubjectOptions _options = options.Value.Subjects;
    private SubjectSecret? _secret;

    public async ValueTask<SubjectSessionPage> ListAsync(string subject, SessionId? current, long? before, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LongestPage);
        var page = await store.ListAsync(await HashAsync(subject, cancellationToken), before, count, cancellationToken);
        return current is { } own && page.Sessions.Any(session => session.Id == own)
            ? page with { Sessions = [.. page.Sessions.Select(session => session.Id == own ? session with { IsCurrent = true } : session)] }
            : page;
    }

    public async ValueTask<bool> EndAsync(string subject, SessionId session, CancellationToken cancellationToken)
    {
        if (!await store.EndOneAsync(await HashAsync(subject, cancellationToken), session, cancellationToken))
        {
            return false;
        }

        endings.End(session);
        return true;
    }

    public async ValueTask<int> EndOthersAsync(string subject, SessionId keep, CancellationToken cancellationToken) =>
        await store.EndAsync(await HashAsync(subject, cancellationToken), keep, cancellationToken);

    public async ValueTask<int> EndAllAsync(string subject, CancellationToken cancellationToken) =>
        await store.EndAsync(await HashAsync(subject, cancellationToken), keep: null, cancellationToken);

    public async ValueTask<SubjectChange> ToChangeAsync(string subject, string? label, CancellationToken cancellationToken)
    {
        if (label?.Length > SubjectChange.LongestLabel)
        {
            throw new ArgumentException($"A label has at most {SubjectChange.LongestLabel} characters; this one has {label.Length}. Shorten it.", nameof(label));
        }

        return new SubjectChange
        {
            Subject = await HashAsync(subject, cancellationToken),
            Label = label,
            MaximumSessions = _options.MaximumSessions,
            WhenFull = _options.WhenFull,
        };
    }

    private async ValueTask<SubjectKey> HashAsync(string subject, CancellationToken cancellationToken)
    {
        SubjectHash.Check(subject);
        _secret ??= await store.GetSecretAsync(cancellationToken);
        return SubjectHash.Of(_secret, subject);
    }
}
