using System.Diagnostics;
using System.Globalization;
using ServerSession.Soak;
using ServerSession.Tests;

// Arguments: minutes of load (10), then settings for the WebHost, for example --ServerSession:CollectionAge=00:02:00.
const int Users = 24;
const int Population = 2000;
const int RowsOfTheCluster = 10;
var minutes = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 10;
string[] settings =
[
    // Shorter than the collection age, so that every session is in memory when it expires. Their ids leave the clean-up index afterwards.
    "--ServerSession:IdleTimeout=00:00:20",
    "--ServerSession:Expiry:RowsPerSecond=100000",
    .. args.Skip(1),
];

using var folder = new TempFolder();
var socket = folder["probe"];
Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", typeof(StartupHook).Assembly.Location);
Environment.SetEnvironmentVariable(StartupHook.SocketVariable, socket);
var site = new Site(folder.Path);
await using var process = await site.StartAsync(settings);
var watch = Stopwatch.StartNew();
Console.WriteLine($" time  requests   created  {Sample.Header}");

// What is made once, compiled code and pools above all, belongs to the start.
var warmUp = await LoadAsync(TimeSpan.FromSeconds(Math.Clamp(minutes * 6, 10, 60)));
var start = await RestAsync(warmUp, static sample => sample.Rows <= RowsOfTheCluster);
var load = await LoadAsync(TimeSpan.FromMinutes(minutes));
var end = await RestAsync(load, sample => Verdict.HasReturned(start, sample));
var passed = Verdict.Print(start, end, load);
Console.WriteLine(passed ? "PASSED: everything returned to where it was." : "FAILED: something stayed.");
await process.KillAsync();
return passed ? 0 : 1;

async Task<MixedLoad> LoadAsync(TimeSpan time)
{
    using var api = new SessionApi(site.Address);
    var mixed = new MixedLoad(api, Users, Population);
    var run = mixed.RunAsync(time);
    while (await Task.WhenAny(run, Task.Delay(TimeSpan.FromSeconds(Math.Clamp(minutes * 6, 5, 30)))) != run)
    {
        await PrintAsync(mixed);
    }

    await run;
    return mixed;
}

// Sessions expire and tombstones go within a minute; the grain directory's cache lets go of its entries after four to eight.
async Task<Sample> RestAsync(MixedLoad mixed, Func<Sample, bool> isOver)
{
    Sample sample;
    var rest = Stopwatch.StartNew();
    do
    {
        await Task.Delay(TimeSpan.FromSeconds(10));
        sample = await PrintAsync(mixed);
    }
    while (rest.Elapsed < TimeSpan.FromMinutes(10) && !isOver(sample));

    return sample;
}

async Task<Sample> PrintAsync(MixedLoad mixed)
{
    var sample = await Sample.TakeAsync(process.Id, socket, site.DataPath);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed:mm\\:ss}  {mixed.Requests,8}  {mixed.Created,8}  {sample}"));
    return sample;
}
