namespace ServerSession.Benchmarks.Load;

/// <summary>Warms a server up before it is measured.</summary>
internal static class Warmth
{
    // Ten methods are some ten milliseconds of one processor.
    private const int FewMethods = 10;
    private const int QuietSeconds = 3;

    /// <summary>
    /// Loads a case until its server compiles next to nothing any more. Until then the compiler takes a sixth of the processors and more, and longer
    /// the more code a request runs through, so a short warm-up compares a ceiling that is ready with servers that are not.
    /// </summary>
    public static async Task WarmUpAsync(ServerUnderTest server, LoadCase one, int connections, int seconds)
    {
        var quiet = 0;
        var second = 0;
        var compiled = (await server.StatsAsync()).CompiledMethods;
        for (; quiet < QuietSeconds && second < seconds; second++)
        {
            await Wrk.RunAsync(server.Address, $"/{one.Endpoint}", server.Cookies, connections, seconds: 1);
            var now = (await server.StatsAsync()).CompiledMethods;
            quiet = now - compiled <= FewMethods ? quiet + 1 : 0;
            compiled = now;
        }

        Console.Error.WriteLine($"{connections} connections: {one} warm after {second} s" + (quiet < QuietSeconds ? ", STILL COMPILING" : ""));
    }
}
