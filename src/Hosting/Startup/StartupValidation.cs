using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace ServerSession.Hosting;

/// <summary>
/// Runs every check of the configuration, ours and Orleans', before anything starts, so that all errors come in one message instead of one
/// per attempt.
/// </summary>
public static class StartupValidation
{
    public static void Validate(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        List<string> errors = [];

        Collect(errors, () => services.GetService<IStartupValidator>()?.Validate());
        Collect(errors, () =>
        {
            foreach (var validator in services.GetServices<IConfigurationValidator>())
            {
                Collect(errors, validator.ValidateConfiguration);
            }
        });
        errors.AddRange(HttpAddressCheck.Run(configuration));
        if (errors.Count > 0)
        {
            throw new OptionsValidationException("Configuration", typeof(StartupValidation), errors.Distinct());
        }
    }

    private static void Collect(List<string> errors, Action check)
    {
        try
        {
            check();
        }
        catch (AggregateException exception)
        {
            foreach (var inner in exception.Flatten().InnerExceptions)
            {
                errors.AddRange(Sentences(inner));
            }
        }
        catch (Exception exception) when (exception is OptionsValidationException or OrleansConfigurationException or InvalidOperationException)
        {
            errors.AddRange(Sentences(exception));
        }
    }

    private static IEnumerable<string> Sentences(Exception exception)
    {
        if (exception is OptionsValidationException validation)
        {
            return validation.Failures;
        }

        // Orleans' validators, and the configuration binder. Several errors come as a heading and a line for each.
        var lines = exception.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length > 1 && lines[0].EndsWith(':') ? lines[1..] : lines;
    }
}
