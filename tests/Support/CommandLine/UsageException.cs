namespace ServerSession.Tests;

/// <summary>The command line is wrong; the message says what, to the person who wrote it.</summary>
public sealed class UsageException(string message) : Exception(message);
