using ServerSession.Tests.Support;

namespace ServerSession.Tests.Races;

/// <summary>Local reads in every silo's process, over and over, while a session is changed and then ends.</summary>
public class LocalEndingTests(ThreeSilos silos) : IClassFixture<ThreeSilos>
{
    private const int Rounds = 15;
    private const int Commits = 10;

    public enum Ending
    {
        Destroy,
        Rotate,
        Expire,
        Move,
    }

    public static MatrixTheoryData<Ending, SessionDurability> Endings => new(
        Enum.GetValues<Ending>(), [SessionDurability.WriteThrough, SessionDurability.WriteBehind, SessionDurability.Volatile]);

    [Theory, MemberData(nameof(Endings))]
    public async Task Reader_in_a_silo_sees_what_was_acknowledged_and_nothing_after_the_end(Ending ending, SessionDurability durability)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var session = await silos.Cluster.CreateAsync(new SessionTerms { Durability = durability });
            var readers = silos.Frontends.Select(frontend => new Reader(frontend, session)).ToList();
            await Task.WhenAll(silos.Frontends.Select(frontend => frontend.OpenAsync(session.Id, session.Verifier.Hash())));
            var reading = readers.Select(static reader => OwnThread.RunAsync(reader.Read)).ToList();
            await await Task.WhenAny(reading.Concat(readers.Select(static reader => reader.Found))).WaitAsync(TimeSpan.FromSeconds(90));
            for (var commit = 0; commit < Commits; commit++)
            {
                var request = session.CommitRequest(SessionDriver.Set("n", $"{commit}"));
                var version = (await silos.Frontends[commit % silos.Frontends.Count].CommitAsync(session.Id, request)).Snapshot!.Version;
                readers.ForEach(reader => reader.Acknowledged(version));
            }

            await EndAsync(ending, session);
            readers.ForEach(static reader => reader.Acknowledged(long.MaxValue));

            await Task.WhenAll(reading);
        }
    }

    private async Task EndAsync(Ending ending, SessionDriver session)
    {
        switch (ending)
        {
            case Ending.Destroy:
                Assert.Equal(SessionOutcome.Destroyed, (await session.DestroyAsync()).Outcome);
                break;
            case Ending.Rotate:
                Assert.Equal(SessionOutcome.Committed, (await session.RotateAsync()).Outcome);
                break;
            case Ending.Expire:
                silos.Cluster.Clock.Advance(SessionTerms.Default.IdleTimeout);
                break;
            default:
                await session.Grain.Cast<Orleans.Core.Internal.IGrainManagementExtension>().MigrateOnIdle();
                await SessionDriver.RetryAsync(() => session.Grain.DestroyAsync(new DestroySession()));
                break;
        }
    }

    /// <summary>Reads with the token that the session began with.</summary>
    private sealed class Reader(Frontend frontend, SessionDriver session)
    {
        private const int ReadsAfterTheEnd = 500;

        private readonly VerifierHash _verifier = session.Verifier.Hash();
        private readonly TaskCompletionSource _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _least;

        /// <summary>Ends with the first read that found the session.</summary>
        public Task Found => _found.Task;

        /// <summary>From now on nothing older than this version may be read.</summary>
        public void Acknowledged(long version) => Volatile.Write(ref _least, version);

        public void Read()
        {
            for (var late = 0; late < ReadsAfterTheEnd;)
            {
                var least = Volatile.Read(ref _least);
                late += least == long.MaxValue ? 1 : 0;
                if (frontend.TryReadLocally(session.Id, _verifier, out var reply))
                {
                    Assert.True(reply.Snapshot!.Version >= least, $"Version {reply.Snapshot.Version} was read after {least} had been acknowledged.");
                    _found.TrySetResult();
                }
            }
        }
    }
}
