using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Hosting;

/// <summary>
/// Reads a configuration section against the options it is bound to. The binder would stop at the first value it cannot convert, and say
/// nothing of a key that nobody reads; this reports all of both. For the sections of the hosts: the library checks its own.
/// </summary>
/// <param name="section">The section, for example <c>ServerSession:Tls</c>.</param>
/// <param name="options">The types that are bound to it.</param>
/// <param name="otherKeys">Keys of the section that are read one by one; null where the host does not know all of them.</param>
public sealed class SettingsCheck(string section, IReadOnlyList<Type> options, IReadOnlyList<string>? otherKeys)
{
    /// <summary>Adds a check to those that run before the host starts.</summary>
    public static void Add(IServiceCollection services, string section, IReadOnlyList<Type> options, IReadOnlyList<string>? otherKeys = null) =>
        services.AddSingleton(new SettingsCheck(section, options, otherKeys));

    /// <summary>Finds the errors, and puts the default in place of each value that cannot be read, so that the validators find the rest.</summary>
    internal List<string> Run(IConfiguration configuration)
    {
        List<string> errors = [];
        var instances = options.Select(static type => Activator.CreateInstance(type)!).ToArray();
        Walk(configuration.GetSection(section), instances, otherKeys, errors);
        return errors;
    }

    private static void Walk(IConfigurationSection section, object[] owners, IReadOnlyList<string>? otherKeys, List<string> errors)
    {
        foreach (var child in section.GetChildren())
        {
            var found = owners.Select(owner => (Owner: owner, Property: Find(owner, child.Key))).Where(static pair => pair.Property is not null).ToArray();
            if (found.Length == 0)
            {
                if (otherKeys is not null && !otherKeys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                {
                    errors.Add($"{child.Path} is no setting. The settings of {section.Path} are {string.Join(", ", Names(owners, otherKeys))}.");
                }
            }
            else if (child.GetChildren().Any())
            {
                var inner = found.Select(static pair => pair.Property!.GetValue(pair.Owner)).OfType<object>().Where(IsSettings).ToArray();
                if (inner.Length > 0)
                {
                    Walk(child, inner, otherKeys is null ? null : [], errors);
                }
            }
            else if (child.Value is { } text)
            {
                CheckValue(child, text, found[0].Property!, found[0].Owner, errors);
            }
        }
    }

    private static void CheckValue(IConfigurationSection setting, string text, PropertyInfo property, object owner, List<string> errors)
    {
        var converter = TypeDescriptor.GetConverter(property.PropertyType);
        if (!converter.CanConvertFrom(typeof(string)))
        {
            return;
        }

        try
        {
            converter.ConvertFromInvariantString(text);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            errors.Add($"{setting.Path} is '{text}': give {Wanted(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)}.");
            setting.Value = converter.ConvertToInvariantString(property.GetValue(owner));
        }
    }

    private static string Wanted(Type type) => type switch
    {
        _ when type == typeof(TimeSpan) => "a time such as 00:20:00 (hours:minutes:seconds) or 7.00:00:00 (seven days)",
        _ when type == typeof(bool) => "true or false",
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ => "a number",
    };

    private static IEnumerable<string> Names(object[] owners, IReadOnlyList<string> otherKeys) => owners
        .SelectMany(static owner => owner.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        .Where(IsSetting)
        .Select(static property => property.Name)
        .Concat(otherKeys)
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .Order(StringComparer.Ordinal);

    private static PropertyInfo? Find(object owner, string key) =>
        owner.GetType().GetProperty(key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase) is { } property && IsSetting(property) ? property : null;

    /// <summary>A property that only tells what follows from others is none: its key would be read by nobody.</summary>
    private static bool IsSetting(PropertyInfo property) => property.CanWrite || IsSettings(property.PropertyType);

    private static bool IsSettings(object value) => IsSettings(value.GetType());

    private static bool IsSettings(Type type) =>
        type.IsClass && type != typeof(string) && !typeof(System.Collections.IEnumerable).IsAssignableFrom(type) && !typeof(Delegate).IsAssignableFrom(type);
}
