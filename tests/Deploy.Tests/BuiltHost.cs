using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace ServerSession.Tests;

/// <summary>
/// A host as its container makes it: the program itself runs with the container's settings until it has built the host, which is never started.
/// Only the ports are others, because those of the container may be in use on this machine.
/// </summary>
internal static class BuiltHost
{
    private const string Prefix = "ServerSession.Orleans";
    private static readonly Lock Gate = new();

    /// <summary>The key in the configuration that an environment variable sets.</summary>
    public static string Key(string variable) => variable.Replace("__", ":", StringComparison.Ordinal);

    /// <summary>Builds the host of <c>Silo</c> or <c>WebHost</c>.</summary>
    /// <exception cref="BuildFailedException">The program ended before the host was built; the message is what it wrote to standard error.</exception>
    public static IHost Build(string program, IReadOnlyDictionary<string, string> variables)
    {
        lock (Gate)
        {
            foreach (var (name, value) in variables.Where(static pair => pair.Key.StartsWith("POD_", StringComparison.Ordinal)))
            {
                // Orleans reads these from the environment and not from the configuration.
                Environment.SetEnvironmentVariable(name, value);
            }

            var error = Console.Error;
            using var told = new StringWriter();
            using var capture = new Capture();
            using var subscription = DiagnosticListener.AllListeners.Subscribe(capture);
            Console.SetError(told);
            try
            {
                Assembly.Load($"{Prefix}.{program}").EntryPoint!.Invoke(null, [Arguments(variables)]);
            }
            finally
            {
                Console.SetError(error);
            }

            return capture.Host ?? throw new BuildFailedException(told.ToString());
        }
    }

    private static string[] Arguments(IReadOnlyDictionary<string, string> variables)
    {
        var ports = FreePorts.Take(3);
        var settings = new Dictionary<string, string>
        {
            ["Orleans:Endpoints:SiloPort"] = ports[0].ToString(CultureInfo.InvariantCulture),
            ["Orleans:Endpoints:GatewayPort"] = ports[1].ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (name, value) in variables)
        {
            var key = name == "ASPNETCORE_URLS" ? "urls" : Key(name);
            settings[key] = key == "urls" ? value.Replace(":8080", $":{ports[2]}", StringComparison.Ordinal) : value;
        }

        return [.. settings.Select(static setting => $"--{setting.Key}={setting.Value}")];
    }

    /// <summary>Takes the host at the moment when it is built, and ends the program there.</summary>
    private sealed class Capture : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly List<IDisposable> _subscriptions = [];

        public IHost? Host { get; private set; }

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                _subscriptions.Add(value.Subscribe(this));
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key == "HostBuilt")
            {
                Host = (IHost)value.Value!;
                throw new OperationCanceledException("The host is built, and this is all that was wanted of it.");
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose() => _subscriptions.ForEach(static subscription => subscription.Dispose());
    }
}

/// <summary>A program that could not even build its host.</summary>
internal sealed class BuildFailedException(string message) : Exception(message);
