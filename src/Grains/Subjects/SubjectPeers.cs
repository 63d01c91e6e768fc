using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>What a session answered its subject.</summary>
/// <param name="HasFailed">Whether it could not be reached.</param>
/// <param name="Number">The number under which it is, or was until this call, bound to the subject; zero where it is not.</param>
/// <param name="IsGone">Whether it is known not to be bound under the number that was asked for.</param>
internal readonly record struct PeerAnswer(bool HasFailed, long Number, bool IsGone);

/// <summary>A subject's calls to its sessions, several at a time.</summary>
internal sealed class SubjectPeers(IGrainFactory grains, SubjectKey subject)
{
    /// <summary>Asks sessions whether they live, and notes in their entries what they say.</summary>
    public Task<PeerAnswer[]> LookAsync(IReadOnlyList<SubjectEntry> entries) => Task.WhenAll(entries.Select(LookAsync));

    public async Task<PeerAnswer> LookAsync(SessionId session) => await CallAsync(Grain(session).LookAsync(subject)) is { } reply
        ? new PeerAnswer(HasFailed: false, reply.Number, reply.Number == 0)
        : new PeerAnswer(HasFailed: true, 0, IsGone: false);

    /// <summary>Ends sessions under the numbers of their entries.</summary>
    public Task<PeerAnswer[]> EndAsync(IReadOnlyList<SubjectEntry> entries, SubjectEndCause cause) =>
        Task.WhenAll(entries.Select(entry => EndAsync(entry.Session, entry.Number, cause)));

    /// <summary>Ends a session that is bound under the number or a smaller one.</summary>
    public async Task<PeerAnswer> EndAsync(SessionId session, long through, SubjectEndCause cause) => await CallAsync(Grain(session).EndBoundAsync(subject, through, cause)) is { } reply
        ? new PeerAnswer(HasFailed: false, reply.Number, IsGone: true)
        : new PeerAnswer(HasFailed: true, 0, IsGone: false);

    private async Task<PeerAnswer> LookAsync(SubjectEntry entry)
    {
        if (await CallAsync(Grain(entry.Session).LookAsync(subject)) is not { } reply)
        {
            return new PeerAnswer(HasFailed: true, 0, IsGone: false);
        }

        if (reply.Number == entry.Number)
        {
            entry.LastSeenAt = reply.LastAccess > entry.LastSeenAt ? reply.LastAccess : entry.LastSeenAt;
            entry.ExpiresAt = reply.ExpiresAt;
        }

        return new PeerAnswer(HasFailed: false, reply.Number, reply.Number != entry.Number);
    }

    private IBoundSessionGrain Grain(SessionId session) => grains.GetGrain<IBoundSessionGrain>(session.ToGrainKey());

    /// <summary>A session that cannot answer now is not known to be gone.</summary>
    private static async Task<BoundSessionReply?> CallAsync(ValueTask<BoundSessionReply> call)
    {
        try
        {
            return await call;
        }
        catch (Exception exception) when (exception is SessionUnavailableException or TimeoutException or OrleansException)
        {
            return null;
        }
    }
}
