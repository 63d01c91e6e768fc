using ServerSession.LocalCluster;
using ServerSession.LocalCluster.Servers;

using var interrupt = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    interrupt.Cancel();
};

try
{
    await new Commands(CommandLine.Parse(args), Console.Out, Console.Error, TimeProvider.System).RunAsync(interrupt.Token);
    return 0;
}
catch (Exception exception) when (exception is LocalClusterException or ServerStartException)
{
    await Console.Error.WriteLineAsync($"cluster: {exception.Message}");
    return 1;
}
catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("cluster: interrupted.");
    return 130;
}
