using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;

namespace ServerSession.Hosting;

/// <summary>
/// Asks a host on this machine whether it is ready: <c>check-health [--urls …]</c> as the arguments of the same executable. It is what a container
/// without a shell uses as its health check.
/// </summary>
public static class HealthProbe
{
    private const string Verb = "check-health";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Whether the arguments ask for the check and not for the host.</summary>
    public static bool IsAsked(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args.Length > 0 && args[0] == Verb;
    }

    /// <summary>Asks <c>/health/ready</c> at the address the host listens on.</summary>
    /// <param name="args">The arguments; after the verb those of the host that say where it listens.</param>
    /// <param name="defaultAddress">Where the host listens if neither <c>--urls</c> nor <c>ASPNETCORE_URLS</c> says so.</param>
    /// <returns>The exit code: 0 where the host is ready, 1 with the reason on standard error where it is not or does not answer within 2 seconds.</returns>
    public static async Task<int> RunAsync(string[] args, string defaultAddress)
    {
        ArgumentNullException.ThrowIfNull(args);
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").AddCommandLine(args[1..]).Build();
        var address = Local(configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls ? urls : defaultAddress);
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(new Uri(address, "/health/ready")).ConfigureAwait(false);
            var text = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
            await (answer.IsSuccessStatusCode ? Console.Out : Console.Error).WriteLineAsync(text).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"{address} does not answer: {exception.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    /// <summary>The first HTTP address, with the loopback address in place of "all addresses".</summary>
    private static Uri Local(string urls)
    {
        var candidates = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var first = candidates.FirstOrDefault(static url => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) ?? candidates[0];
        foreach (var any in (string[])["://+", "://*", "://0.0.0.0", "://[::]"])
        {
            first = first.Replace(any, "://127.0.0.1", StringComparison.Ordinal);
        }

        return new Uri(first);
    }
}
