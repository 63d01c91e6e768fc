using System.Globalization;
using System.Net;

namespace ServerSession.Tests;

/// <summary>
/// Tickets of cookie authentication that are removed while they are being renewed. A renewal on its way must not bring a removed ticket back, and one that was not
/// removed stays.
/// </summary>
/// <param name="frontends">Where requests go.</param>
/// <param name="workers">How many tickets are at work at the same time.</param>
/// <param name="seed">Decides which are removed, and when.</param>
internal sealed class Tickets(Frontends frontends, int workers, int seed)
{
    private const int RenewalsAtOnce = 4;

    private readonly KnownUser[] _holders = [.. Enumerable.Range(1, workers).Select(static number => new KnownUser($"tickets {number}"))];
    private long _renewed;
    private long _raced;
    private volatile bool _over;
    private Task _done = Task.CompletedTask;

    /// <summary>Who holds the tickets.</summary>
    public IReadOnlyList<KnownUser> Holders => _holders;

    /// <summary>How many renewals were answered.</summary>
    public long Renewed => Volatile.Read(ref _renewed);

    /// <summary>How many renewals were on their way when the removal of their ticket had been answered.</summary>
    public long Raced => Volatile.Read(ref _raced);

    private static long Now => TimeProvider.System.GetTimestamp();

    public void Start() => _done = Task.WhenAll(_holders.Select((holder, number) => Task.Run(() => WorkAsync(holder, SeededRandom.Of(seed, number)))));

    public async Task StopAsync()
    {
        _over = true;
        await _done;
    }

    /// <summary>Looks at every ticket, now that nobody is at work.</summary>
    public Task CheckAsync() => Task.WhenAll(_holders.Select(async holder =>
    {
        foreach (var ticket in holder.Sessions)
        {
            var from = Now;
            Check(holder, ticket, from, await KnownAnswer.OfAsync(() => frontends.RetrieveTicketAsync(ticket.Cookie)));
        }
    }));

    private async Task WorkAsync(KnownUser holder, Random random)
    {
        for (var number = 1; !_over; number++)
        {
            var from = Now;
            var answer = await frontends.StoreTicketAsync();
            if (answer is { Status: HttpStatusCode.OK, Cookie: { } cookie })
            {
                var ticket = new SignedIn(number.ToString(CultureInfo.InvariantCulture), cookie, from, Now);
                holder.Add(ticket);
                await RaceAsync(holder, ticket, random);
            }
            else if (!answer.IsInDoubt)
            {
                holder.Fault($"to store a ticket was answered {answer}");
            }

            await Task.Delay(random.Next(20, 80));
        }
    }

    private async Task RaceAsync(KnownUser holder, SignedIn ticket, Random random)
    {
        var renewals = Enumerable.Range(0, RenewalsAtOnce).Select(number => RenewAsync(holder, ticket, $"renewal {number}")).ToArray();
        await Task.Delay(random.Next(0, 10));
        if (random.Next(4) > 0)
        {
            ticket.MayBeGone = true;
            var answer = await frontends.RemoveTicketAsync(ticket.Cookie);
            if (answer.Status == HttpStatusCode.NoContent)
            {
                holder.SignedOut(ticket, Now);
                Interlocked.Add(ref _raced, renewals.Count(static renewal => !renewal.IsCompleted));
            }
            else if (!answer.IsInDoubt)
            {
                holder.Fault($"to remove a ticket was answered {answer}");
            }
        }

        await LookAsync(holder, ticket);
        await Task.WhenAll(renewals);
        await LookAsync(holder, ticket);
    }

    private async Task RenewAsync(KnownUser holder, SignedIn ticket, string name)
    {
        var answer = await frontends.RenewTicketAsync(ticket.Cookie, name);
        if (answer.Status == HttpStatusCode.NoContent)
        {
            Interlocked.Increment(ref _renewed);
        }
        else if (!answer.IsInDoubt)
        {
            holder.Fault($"to renew a ticket was answered {answer}");
        }
    }

    private async Task LookAsync(KnownUser holder, SignedIn ticket)
    {
        var from = Now;
        Check(holder, ticket, from, await frontends.RetrieveTicketAsync(ticket.Cookie));
    }

    private static void Check(KnownUser holder, SignedIn ticket, long from, Answer answer)
    {
        if (answer.Status is HttpStatusCode.OK or HttpStatusCode.NotFound)
        {
            holder.Check(ticket, from, answer.Status == HttpStatusCode.OK, mayBeEnded: false);
        }
        else if (!answer.IsInDoubt)
        {
            holder.Fault($"to retrieve a ticket was answered {answer}");
        }
    }
}
