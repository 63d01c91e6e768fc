using Orleans;

namespace ServerSession.AspNetCore;

/// <summary>The lists in the cluster.</summary>
/// <param name="grains">The cluster.</param>
/// <param name="calls">Makes the calls.</param>
/// <param name="time">The clock.</param>
/// <param name="near">What this frontend keeps of sessions; after an end, even one that failed, it asks for those that may have ended.</param>
internal sealed class GrainSubjectStore(IGrainFactory grains, ClusterCalls calls, TimeProvider time, NearCache near) : ISubjectStore
{
    public ValueTask<SubjectSecret> GetSecretAsync(CancellationToken cancellationToken) => calls.RunAsync(
        grains, static grains => grains.GetGrain<ISubjectSecretGrain>(0).GetAsync(), CallKind.Read, giveUpAt: null, TimeSpan.MaxValue, cancellationToken);

    public ValueTask<SubjectSessionPage> ListAsync(SubjectKey subject, long? before, int count, CancellationToken cancellationToken) => calls.RunAsync(
        (Store: this, subject, before, count), static call => call.Store.Grain(call.subject).ListAsync(call.before, call.count), CallKind.Read, giveUpAt: null, TimeSpan.MaxValue, cancellationToken);

    public ValueTask<bool> EndOneAsync(SubjectKey subject, SessionId session, CancellationToken cancellationToken) => near.AfterChangeAsync(session, calls.RunAsync(
        (Store: this, subject, session), static call => call.Store.Grain(call.subject).EndOneAsync(call.session), CallKind.Read, giveUpAt: null, TimeSpan.MaxValue, cancellationToken));

    public async ValueTask<int> EndAsync(SubjectKey subject, SessionId? keep, CancellationToken cancellationToken)
    {
        try
        {
            return await EndEachAsync(subject, keep, cancellationToken);
        }
        finally
        {
            near.AskForAll();
        }
    }

    public async ValueTask EndAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await calls.RunAsync(
                (grains, NotAfter: calls.GiveUpAt()),
                static call => call.grains.GetGrain<IClusterSessionsGrain>(0).EndAllAsync(call.NotAfter), CallKind.Read, giveUpAt: null, TimeSpan.MaxValue, cancellationToken);
        }
        finally
        {
            near.AskForAll();
        }
    }

    private async ValueTask<int> EndEachAsync(SubjectKey subject, SessionId? keep, CancellationToken cancellationToken)
    {
        long? through = null;
        var ended = 0;
        var progressAt = time.GetTimestamp();
        for (; ; )
        {
            var reply = await EndAsync(subject, new EndSubjectSessions { Through = through, Keep = keep, NotAfter = calls.GiveUpAt() }, cancellationToken);
            through = reply.Through;
            ended += reply.Ended;
            if (!reply.HasMore)
            {
                return ended;
            }

            if (reply.Ended > 0)
            {
                progressAt = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(progressAt) >= calls.Budget)
            {
                throw new SessionUnavailableException(
                    $"{ended} sessions of the user have ended. {reply.Failed} or more could not be reached: they end when they come into memory again. Call it again to be certain.");
            }
            else
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken);
            }
        }
    }

    private ValueTask<EndSubjectSessionsReply> EndAsync(SubjectKey subject, EndSubjectSessions request, CancellationToken cancellationToken) => calls.RunAsync(
        (Store: this, subject, request), static call => call.Store.Grain(call.subject).EndAsync(call.request), CallKind.Change, request.NotAfter, TimeSpan.MaxValue, cancellationToken);

    private ISubjectGrain Grain(SubjectKey subject) => grains.GetGrain<ISubjectGrain>(subject.ToGrainKey());
}
