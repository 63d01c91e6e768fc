using System.Diagnostics;
using System.Globalization;

namespace ServerSession.LocalCluster;

/// <summary>Shows what users notice when something dies: sessions are read all the time, something is done to the cluster, and what went wrong is counted.</summary>
public sealed class OutageTest(ProcessCluster cluster, int sessions, TimeSpan duration, TextWriter output)
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <param name="name">What is done, for the report.</param>
    /// <param name="act">Does it; may go on while the sessions are read.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    public async Task RunAsync(string name, Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        var frontends = cluster.Frontends;
        var probes = Enumerable.Range(0, sessions).Select(index => new SessionProbe(frontends, index)).ToArray();
        foreach (var probe in probes)
        {
            await probe.CreateAsync(cancellationToken).ConfigureAwait(false);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = probes.Select(probe => Task.Run(() => probe.RunAsync(Pause, stop.Token), CancellationToken.None)).ToArray();
        await Task.Delay(Before, cancellationToken).ConfigureAwait(false);
        var moment = Stopwatch.GetTimestamp();
        var acting = act(cancellationToken);
        await Task.Delay(duration, cancellationToken).ConfigureAwait(false);
        await acting.ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(false);
        await ReportAsync(name, probes, moment).ConfigureAwait(false);
        foreach (var probe in probes)
        {
            probe.Dispose();
        }
    }

    private async Task ReportAsync(string name, SessionProbe[] probes, long moment)
    {
        var outages = probes
            .Where(probe => probe.LastBad > moment)
            .Select(probe => Stopwatch.GetElapsedTime(moment, probe.LastBad!.Value))
            .Order()
            .ToArray();
        var longest = probes.MaxBy(static probe => probe.Longest)!;
        var faults = probes.SelectMany(static probe => probe.Faults).ToArray();
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {outages.Length} of {probes.Length} sessions noticed it; well again after: half {At(0.5):0.0} s, 90 % {At(0.9):0.0} s, 99 % {At(0.99):0.0} s, all {At(1):0.0} s"))
            .ConfigureAwait(false);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  {probes.Sum(static probe => probe.Requests)} requests, {probes.Sum(static probe => probe.Unavailable)} answered 503, longest {longest.Longest.TotalSeconds:0.0} s (answered {longest.LongestAnswer}), sent to the next frontend because a connection broke: {probes.Sum(static probe => probe.Broken)}, other failures: {faults.Length}"))
            .ConfigureAwait(false);
        foreach (var fault in faults.GroupBy(static fault => fault).OrderByDescending(static group => group.Count()).Take(3))
        {
            await output.WriteLineAsync($"  {fault.Count()} x {fault.Key}").ConfigureAwait(false);
        }

        double At(double share) => outages.Length == 0 ? 0 : outages[Math.Min((int)Math.Ceiling(share * outages.Length), outages.Length) - 1].TotalSeconds;
    }
}
