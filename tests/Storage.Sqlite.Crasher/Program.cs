using ServerSession.Tests.Storage;

// A process to be killed: opens the file, says so, and then writes as fast as it can. It prints a line only for what was
// acknowledged: I for inserted, U for updated, C for cleared. Every third row is cleared, so its absence is no loss.
await using var store = await OpenStorage.OpenAsync(options =>
{
    options.Path = args[0];
    options.LockTimeout = TimeSpan.Zero;
    options.CheckpointPages = 50;
    options.GrainStorageSerializer = RawBytesSerializer.Instance;
});
var print = new Lock();
Print("open");
if (args[1] == "idle")
{
    // An owner that writes would end by itself once a file of its store is gone.
    await Task.Delay(Timeout.Infinite);
}

await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
{
    for (var i = 0; ; i++)
    {
        var key = $"{args[1]}{worker}-{i}";
        var grain = GrainId.Create("crash", key);
        var state = new BytesState { State = new(CrashValue(key, 1)) };
        await store.Storage.WriteStateAsync("state", grain, state);
        Print($"I {key}.");
        state.State = new(CrashValue(key, 2));
        await store.Storage.WriteStateAsync("state", grain, state);
        Print($"U {key}.");
        if (i % 3 == 0)
        {
            await store.Storage.ClearStateAsync("state", grain, state);
            Print($"C {key}.");
        }
    }
})));

byte[] CrashValue(string key, int version) => System.Text.Encoding.UTF8.GetBytes($"{key} version {version} {new string('x', 200)}");

void Print(string line)
{
    lock (print)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
