using System.Text;

namespace ServerSession.Tests.Model;

/// <summary>
/// Looks for an order of the calls in which a session that does one thing at a time would have given the same answers (J. M. Wing and
/// C. Gong, 1993; states that were met before are not searched again). An order has to keep every two calls of which one was answered before
/// the other was sent; a call without an answer stands anywhere after it was sent, or nowhere.
/// </summary>
internal sealed class Linearizer(IReadOnlyList<Call> calls, SessionSpec spec)
{
    private readonly HashSet<(ulong Placed, string State)> _met = [];
    private readonly List<int> _order = [];
    private readonly DateTimeOffset[] _touchedUnseen = [.. calls.Select(call => LatestUnseenTouch(calls, call))];
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

        if (!_met.Add((placed, state.Key)))
        {
            return false;
        }

        Note(state);
        for (var index = 0; index < calls.Count; index++)
        {
            var call = calls[index];
            if (Has(placed, index) || call.Sent > first)
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
            return spec.Effect(state, call) is { } next ? [next] : [];
        }

        // A touch whose answer is unknown changes nothing that is worth a place in the order: it only may have moved the last access.
        var unseen = _touchedUnseen[index];
        return spec.After(unseen > state.Access.To ? state with { Access = state.Access with { To = unseen } } : state, call);
    }

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
