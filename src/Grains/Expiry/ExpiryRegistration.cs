using ServerSession.Core;

namespace ServerSession.Grains;

internal sealed class ExpiryRegistration(IGrainFactory grains) : IExpiryRegistration
{
    /// <inheritdoc/>
    public Task RegisterAsync(SessionId id) => RegisterAsync(ExpiryShards.Of(id), id);

    /// <inheritdoc/>
    public Task RegisterAsync(SubjectKey subject)
    {
        var id = SessionId.FromGrainKey(subject.ToGrainKey());
        return RegisterAsync(ExpiryShards.OfSubject(id), id);
    }

    private async Task RegisterAsync(long shard, SessionId id)
    {
        try
        {
            await grains.GetGrain<IExpiryShardGrain>(shard).RegisterAsync([id]);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            throw new SessionUnavailableException("The id could not be registered for its clean-up.", exception);
        }
    }
}
