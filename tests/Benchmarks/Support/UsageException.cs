namespace ServerSession.Benchmarks.Support;

/// <summary>The command line is wrong; the message says what, to the person who wrote it.</summary>
internal sealed class UsageException(string message) : Exception(message);
