using CsCheck;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Operations;

/// <summary>
/// No lost updates, whatever the order of messages: duplicates, delays, clocks of silos and frontends that differ, abandoned decisions, a session that
/// is stored and read again, bursts beyond the log's capacity and results beyond its bytes.
/// </summary>
public sealed class AppliedOnceTests
{
    [Fact]
    public void Commit_of_any_schedule_is_applied_at_most_once_and_exactly_once_if_acknowledged()
    {
        var step = Gen.Select(Gen.Int[0, 10], Gen.Int[0, 1 << 20]);
        Gen.Select(Gen.Bool, step.Array[1, 120]).Play(
            count: 800,
            static one =>
            {
                var (isNumbered, schedule) = one;
                var run = new Run(isNumbered);
                foreach (var (kind, number) in schedule)
                {
                    run.Step(kind, number);
                }
            });
    }

    private sealed class Run(bool isNumbered)
    {
        private readonly OperationNumbering _numbering = new();
        private readonly HashSet<int> _waitedFor = [];
        private readonly Session _session = new(Sample.Set("big", new string('x', 20_000)));
        private readonly List<CommitSession> _sent = [];
        private readonly List<int> _applied = [];
        private readonly List<long?> _answers = [];
        private DateTimeOffset _time = Sample.Now;
        private TimeSpan _siloSkew;
        private long _count;

        public void Step(int kind, int number)
        {
            switch (kind)
            {
                case 0: _time += TimeSpan.FromMilliseconds(number % 9000); break;
                case 1: _siloSkew = TimeSpan.FromMilliseconds((number % 20_000) - 10_000); break;
                case 2: Reload(); break;
                case 3: Burst(number % 700); break;
                case 4: Send(New(number, large: true), abandon: false); break;
                case 5: Send(New(number), abandon: true); break;
                case 6 or 7: Send(New(number), abandon: false); break;
                case 10 when _sent.Count > 0: End(Math.Max(0, _sent.Count - 1 - (number % 5))); break;
                default:
                    if (_sent.Count > 0)
                    {
                        Send(Math.Max(0, _sent.Count - 1 - (number % (kind == 8 ? 5 : _sent.Count))), abandon: false);
                    }

                    break;
            }
        }

        private void Burst(int count)
        {
            for (var index = 0; index < count; index++)
            {
                _time += TimeSpan.FromTicks(100);
                Send(New(index), abandon: false);
            }
        }

        private int New(int number, bool large = false)
        {
            SessionChange[] changes = large
                ? [SessionChange.Increment("n"), SessionChange.CompareAndSet("big", default, default)]
                : [SessionChange.Increment("n")];
            var request = _session.Request(changes) with { IssuedAt = _time + TimeSpan.FromMilliseconds((number % 30_000) - 15_000) };
            if (isNumbered)
            {
                var operation = _numbering.Begin();
                request = request with { Operation = operation.Id, FirstUnanswered = operation.FirstUnanswered };
            }

            _waitedFor.Add(_sent.Count);
            _sent.Add(request);
            _applied.Add(0);
            _answers.Add(null);
            return _sent.Count - 1;
        }

        private void Send(int index, bool abandon)
        {
            _session.Now = _time + _siloSkew;
            var decision = _session.Decide(_sent[index]);
            if (abandon)
            {
                return;
            }

            _session.State = decision.Next ?? _session.State;
            var count = long.Parse(Sample.Text(_session.Data, "n") ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            _applied[index] += (int)(count - _count);
            _count = count;
            Assert.InRange(_applied[index], 0, 1);
            if (decision.Reply.Outcome == SessionOutcome.Committed)
            {
                Assert.Equal(1, _applied[index]);
                var answer = decision.Reply.Results![0].Number;
                Assert.Equal(_answers[index] ?? answer, answer);
                _answers[index] = answer;
                End(index);
            }
            else
            {
                Assert.Equal(SessionOutcome.Late, decision.Reply.Outcome);

                // Only time, or a full log, refuses what is still waited for.
                var issued = _sent[index].IssuedAt;
                Assert.True(!_waitedFor.Contains(index) || (issued - _session.Now).Duration() > Sample.Window || issued <= _session.State.Operations.ExpiredThrough);
            }
        }

        /// <summary>The caller has its answer or gives up; it may still be repeated by the network.</summary>
        private void End(int index)
        {
            if (_waitedFor.Remove(index) && isNumbered)
            {
                _numbering.End(_sent[index].Operation.Sequence);
            }
        }

        private void Reload() => _session.State = SessionRecordCodec.Decode(SessionRecordCodec.Encode(_session.State, _time)).State!;
    }
}
