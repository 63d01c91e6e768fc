using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace ServerSession.Hosting;

/// <summary>Describes why a host cannot run.</summary>
public static class StartupFailure
{
    public static string Describe(string name, Exception exception)
    {
        if (exception is OptionsValidationException validation)
        {
            var failures = validation.Failures.ToArray();
            return failures.Length == 1
                ? $"{name} cannot start: {failures[0]}"
                : failures.Aggregate(
                    new StringBuilder($"{name} cannot start: the configuration has {failures.Length} errors."),
                    static (text, failure) => text.AppendLine().Append("  - ").Append(failure)).ToString();
        }

        return $"{name} cannot run: {Message(exception)}";
    }

    private static string Message(Exception exception)
    {
        if (exception is IOException { InnerException: AddressInUseException })
        {
            return $"{exception.Message.TrimEnd('.')}. Stop the process that has the port, or choose another, for example --urls http://localhost:5001.";
        }

        // Our own exceptions already say what happened and what to do.
        if (exception.GetType().Namespace?.StartsWith(nameof(ServerSession), StringComparison.Ordinal) == true)
        {
            return exception.Message.ReplaceLineEndings(" ");
        }

        // A wrapper says where, the innermost says what.
        var cause = exception;
        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        var text = cause == exception || exception.Message.Contains(cause.Message, StringComparison.Ordinal)
            ? exception.Message
            : $"{exception.Message} {cause.Message}";
        return $"{text.ReplaceLineEndings(" ")} (run with --Logging:LogLevel:Default=Debug for the full error)";
    }
}
