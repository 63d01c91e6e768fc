using Microsoft.Extensions.Logging;

namespace ServerSession.Tests.Secrecy;

/// <summary>Writes down every log entry at every level: its message, its parameters, its exception, and the scopes around it.</summary>
public sealed class LogRecorder(Evidence evidence) : ILoggerProvider, ILogger
{
    public const string Message = "log message";
    public const string Parameters = "log parameters";
    public const string Scope = "log scope";
    public const string Error = "log exception";

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        evidence.Add(Scope, state);
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        evidence.Add(Message, formatter(state, exception));
        evidence.Add(Parameters, state);
        if (exception is not null)
        {
            evidence.Add(Error, exception);
        }
    }

    public void Dispose()
    {
    }
}
