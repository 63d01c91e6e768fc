using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Micro;

/// <summary>The pieces on the request path, one by one, with what they allocate.</summary>
internal static class MicroBenchmarks
{
    public static int Run(string[] args)
    {
        // In this process, because the code that BenchmarkDotNet would generate does not build under this repository's rules.
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(ConsoleLogger.Default)
            .AddExporter(MarkdownExporter.GitHub)
            .WithArtifactsPath(Path.Combine(Folders.Artifacts(), "micro"));
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(MicroBenchmarks).Assembly)
            .Run(args.Length == 0 ? ["--filter", "*"] : args, config).ToArray();

        // It says itself which of its options it does not know, and then measures nothing.
        var asked = args.Any(static arg => arg is "--list" or "--help" or "--version" or "--info");
        return (summaries.Length == 0 && !asked) || summaries.Any(static summary => summary.HasCriticalValidationErrors || summary.Reports.Any(static report => !report.Success)) ? 1 : 0;
    }
}
