using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests.Observability;

/// <summary>
/// An instrument of the product with the tags that it is given. Each class of metrics is made as the silo or the web tier makes it, and each of its verbs is
/// called with every value of its enumerations.
/// </summary>
internal sealed partial record MeasuredInstrument(Instrument Instrument, IReadOnlyDictionary<string, IReadOnlyCollection<string>> Tags)
{
    public bool IsHistogram => Instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal);

    /// <summary>The first cells of the instrument's row in docs/observability.md.</summary>
    public string Row => $"| `{Instrument.Name}` | {Kind} | `{Instrument.Unit}` | {string.Join("; ", Tags.Select(static tag => $"`{tag.Key}`: {string.Join(", ", tag.Value.Select(static value => $"`{value}`"))}"))} |";

    private string Kind => Instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "UpDownCounter" or "ObservableUpDownCounter" => "up-down counter",
        "Histogram" => "histogram",
        "Gauge" or "ObservableGauge" => "gauge",
        var other => throw new InvalidOperationException($"{other} is a kind of instrument that the page has no word for."),
    };

    /// <summary>The classes of the product that hold instruments.</summary>
    public static IEnumerable<Type> Classes() => ProductAssemblies.All
        .SelectMany(static assembly => assembly.GetTypes())
        .Where(static type => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Any(static field => typeof(Instrument).IsAssignableFrom(field.FieldType)));

    public static IReadOnlyList<MeasuredInstrument> All()
    {
        using var services = new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        ConcurrentDictionary<Instrument, SortedDictionary<string, SortedSet<string>>> found = new();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == factory)
            {
                found[instrument] = new(StringComparer.Ordinal);
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Take(found[instrument], tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Take(found[instrument], tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Take(found[instrument], tags));
        listener.Start();
        foreach (var type in Classes())
        {
            var metrics = Make(type, services);
            listener.RecordObservableInstruments();
            foreach (var verb in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).Where(static method => method is { IsSpecialName: false, IsGenericMethod: false, Name: not "Dispose" }))
            {
                foreach (var arguments in Arguments(verb.GetParameters()))
                {
                    verb.Invoke(metrics, [.. arguments]);
                }
            }
        }

        return [.. found.Select(static pair => new MeasuredInstrument(pair.Key, pair.Value.ToDictionary(static tag => tag.Key, static tag => (IReadOnlyCollection<string>)tag.Value)))];
    }

    private static void Take(SortedDictionary<string, SortedSet<string>> known, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            if (!known.TryGetValue(tag.Key, out var values))
            {
                known[tag.Key] = values = new(StringComparer.Ordinal);
            }

            values.Add(tag.Value is bool flag ? (flag ? "true" : "false") : $"{tag.Value}");
        }
    }

    private static object Make(Type type, IServiceProvider services)
    {
        if ((type == typeof(IServiceProvider) ? services : services.GetService(type)) is { } service)
        {
            return service;
        }

        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).MaxBy(static candidate => candidate.IsPublic)
            ?? throw new InvalidOperationException($"{type} cannot be made.");
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, services))]);
    }

    private static IEnumerable<IEnumerable<object?>> Arguments(ReadOnlySpan<ParameterInfo> parameters)
    {
        if (parameters.IsEmpty)
        {
            return [[]];
        }

        var values = Values(parameters[0]);
        var rest = Arguments(parameters[1..]);
        return values.SelectMany(value => rest.Select(more => more.Prepend(value)));
    }

    private static object?[] Values(ParameterInfo parameter)
    {
        var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        return type == typeof(bool) ? [false, true]
            : type.IsEnum ? [.. Enum.GetValues(type).Cast<object>()]
            : (type, parameter.Name) == (typeof(int), "status") ? [.. RefusedStatuses().Select(static status => (object)status)]
            : type == typeof(int) ? [1]
            : type == typeof(long) ? [1L]
            : type == typeof(double) ? [1d]
            : type == typeof(string) ? throw new InvalidOperationException($"{parameter.Member.DeclaringType}.{parameter.Member.Name} takes a string ({parameter.Name}): make it an enumeration, so that the tag's values are a closed set.")
            : [RuntimeHelpers.GetUninitializedObject(type)];
    }

    /// <summary>The status codes that a response may be replaced by, as the source of the web tier names them.</summary>
    private static IEnumerable<int> RefusedStatuses() =>
        Status().Matches(ProductAssemblies.Sources().Single(static source => source.Path == "src/AspNetCore/Responses/SessionProblem.cs").Text)
            .Select(static match => int.Parse(match.Groups["code"].Value, System.Globalization.CultureInfo.InvariantCulture))
            .Distinct();

    [GeneratedRegex(@"StatusCodes\.Status(?<code>\d{3})")]
    private static partial Regex Status();
}
