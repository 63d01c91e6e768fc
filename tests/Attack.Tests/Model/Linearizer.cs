using System.Text;

namespace ServerSession.Tests.Model;

/// <summary>
/// Looks for an order of the calls in which a session that does one thing at a time would have given the same answers (J. M. Wing and
/// C. Gong, 1993; states that were met before are not searched again). An order has to keep every two calls of which one was answered before
/// the other was sent; a call without an answer stands anywhere after it was sent, or nowhere, but not after what was sent when every clock was
/// past the time at which its caller gave up.
/// </summary>
internal sealed class Linearizer(IReadOnlyList<Call> calls, SessionSpec spec)
{
    /// <summary>Beyond it a case is too tangled to judge, and says so instead of taking all memory.</summary>
    private const int MostPlaces = 2_000_000;

    private readonly HashSet<(ulong Placed, int State)> _met = [];
    private readonly Dictionary<string, int> _states = [];
    private readonly List<int> _order = [];
    private readonly DateTimeOffset[] _touchedUnseen = [.. calls.Select(call => LatestUnseenTouch(calls, call))];
    private readonly ulong[] _afterIts = [.. calls.Select(call => CallsAfterItsTime(calls, call, spec))];
    private readonly bool[] _isRepeat = [.. calls.Select((call, index) => RepeatsUnknown(calls, call, index))];
    private readonly bool _mayStartAgain = calls.Any(call => call.Request is Request.Create { Message.Terms: var terms } && IsVolatile(terms)
        || call.Request is Request.Commit { Message.NewTerms: { } changed } && IsVolatile(changed));
    private List<int> _longest = [];
    private string _longestState = "";

    /// <summary>Null if there is such an order; otherwise how far the best one goes.</summary>
    public static string? Refute(IReadOnlyList<Call> calls, SessionSpec spec)
    {
        Assert.InRange(calls.Count, 0, 64);
        var search = new Linearizer(calls, spec);
        return search.Search(0, spec.Start) ? null : search.Explain();
    }

    private bool Search(ulong placed, ModelState state)
    {
        var first = Call.Never;
        for (var index = 0; index < calls.Count; index++)
        {
            if (!Has(placed, index))
            {
                first = Math.Min(first, calls[index].Answered);
            }
        }

        if (first == Call.Never)
        {
            return true;
        }

        if (HasPassed(placed, state) || !_met.Add((placed, NumberOf(state.Key))))
        {
            return false;
        }

        Assert.True(_met.Count <= MostPlaces, "The calls overlap in too many ways to look at all of them.");

        Note(state);
        for (var index = 0; index < calls.Count; index++)
        {
            var call = calls[index];
            if (Has(placed, index) || call.Sent > first || (placed & _afterIts[index]) != 0)
            {
                continue;
            }

            _order.Add(index);
            if (Next(state, index).Any(next => Search(placed | 1UL << index, next)))
            {
                return true;
            }

            _order.RemoveAt(_order.Count - 1);
        }

        return false;
    }

    private IEnumerable<ModelState> Next(ModelState state, int index)
    {
        var call = calls[index];
        if (!call.IsKnown)
        {
            if (_isRepeat[index] || Has(_afterIts[index], index))
            {
                return [];
            }

            return spec.Effect(state, call) is { } next ? [next] : [];
        }

        // A touch whose answer is unknown changes nothing that is worth a place in the order: it only may have moved the last access.
        var unseen = _touchedUnseen[index];
        return spec.After(unseen > state.Access.To ? state with { Access = state.Access with { To = unseen } } : state, call);
    }

    /// <summary>
    /// Whether a call without an answer repeats an earlier one without an answer: whatever it may do, the earlier one may do at the same place,
    /// and the operation id lets only one of them do it.
    /// </summary>
    private static bool RepeatsUnknown(IReadOnlyList<Call> calls, Call call, int index) => !call.IsKnown && call.Request is Request.Commit commit
        && calls.Take(index).Any(earlier => !earlier.IsKnown && earlier.Sent <= call.Sent && earlier.Request is Request.Commit other && other.Operation == commit.Operation);

    /// <summary>
    /// The calls that were sent when no silo accepted a call without an answer any more. Where the call itself is one of them, it takes no effect.
    /// </summary>
    private static ulong CallsAfterItsTime(IReadOnlyList<Call> calls, Call call, SessionSpec spec)
    {
        var after = 0UL;
        if (!call.IsKnown && !spec.StoresLate && call.NotAfter is { } notAfter)
        {
            for (var index = 0; index < calls.Count; index++)
            {
                after |= calls[index].EarliestSince > notAfter ? 1UL << index : 0;
            }
        }

        return after;
    }

    /// <summary>Whether the session has a version above one that an answer still to be placed has seen: versions only go up while it is stored.</summary>
    private bool HasPassed(ulong placed, ModelState state)
    {
        if (_mayStartAgain || state.Life != Life.Live)
        {
            return false;
        }

        for (var index = 0; index < calls.Count; index++)
        {
            if (!Has(placed, index) && calls[index].Reply?.Snapshot is { } seen && seen.Version < state.Version)
            {
                return true;
            }
        }

        return false;
    }

    private int NumberOf(string state)
    {
        if (!_states.TryGetValue(state, out var number))
        {
            _states.Add(state, number = _states.Count);
        }

        return number;
    }

    private static bool IsVolatile(SessionTerms terms) => terms.Durability == SessionDurability.Volatile;

    private static DateTimeOffset LatestUnseenTouch(IReadOnlyList<Call> calls, Call call) =>
        calls.Any(other => !other.IsKnown && SessionSpec.MayTouch(other.Request) && other.Sent < call.Answered) ? call.LatestSoFar : DateTimeOffset.MinValue;

    private static bool Has(ulong placed, int index) => (placed & 1UL << index) != 0;

    private void Note(ModelState state)
    {
        if (_order.Count > _longest.Count || _longestState.Length == 0)
        {
            _longest = [.. _order];
            _longestState = state.Key;
        }
    }

    private string Explain()
    {
        var text = new StringBuilder("No order of these calls is one that a session allows.\nThe longest one found:\n");
        foreach (var index in _longest)
        {
            text.AppendLine(CallText.Show(index, calls[index]));
        }

        text.AppendLine($"then the session would be: {_longestState}\nand these do not fit:");
        for (var index = 0; index < calls.Count; index++)
        {
            if (!_longest.Contains(index))
            {
                text.AppendLine(CallText.Show(index, calls[index]));
            }
        }

        return text.ToString();
    }
}
