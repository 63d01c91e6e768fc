using System.Collections.Concurrent;
using ServerSession.AspNetCore;

namespace ServerSession.Benchmarks.Creates;

/// <summary>Creates of durable sessions with one key of 100 bytes.</summary>
/// <param name="grains">The cluster.</param>
/// <param name="reserved">The ids as a frontend takes them.</param>
internal sealed class CreateRun(IGrainFactory grains, ISessionIdSource reserved)
{
    /// <summary>Makes sessions with so many callers at once, each of which waits for each answer.</summary>
    /// <returns>How long each create took with taking its id, in microseconds, sorted.</returns>
    public async Task<double[]> CreateAsync(IdKind kind, int callers, int count)
    {
        var took = new ConcurrentBag<double>();
        var left = count;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var start = TimeProvider.System.GetTimestamp();
                await CreateAsync(kind);
                took.Add(TimeProvider.System.GetElapsedTime(start).TotalMicroseconds);
            }
        })));
        return [.. took.Order()];
    }

    private async ValueTask CreateAsync(IdKind kind)
    {
        var issuedAt = TimeProvider.System.GetUtcNow();
        var lease = kind == IdKind.Reserved ? await reserved.TakeAsync() : SessionIdLease.Unregistered();
        var reply = await grains.GetGrain<ISessionGrain>(lease.Id.ToGrainKey()).CreateAsync(new CreateSession
        {
            Verifier = SessionVerifier.New().Hash(),
            Terms = SessionTerms.Default,
            IssuedAt = issuedAt,
            Changes = [SessionChange.Set("cart", new byte[100])],
            IsIdRegistered = kind == IdKind.None || lease.IsRegistered(TimeProvider.System),
        });
        if (reply.Outcome != SessionOutcome.Created)
        {
            throw new InvalidOperationException($"A create ended as {reply.Outcome}.");
        }
    }
}
