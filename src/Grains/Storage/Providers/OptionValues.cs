using System.Reflection;

namespace ServerSession.Grains;

/// <summary>Reads and sets options by name, where the type belongs to a package that is not referenced. What is not there is left alone.</summary>
internal static class OptionValues
{
    /// <summary>Gets a value; null if there is no such property of this type, or nothing is set.</summary>
    public static T? Get<T>(object options, string name)
        where T : struct =>
        Find(options, name, typeof(T))?.GetValue(options) as T?;

    /// <summary>Gets an object; null if there is no such property, or nothing is set.</summary>
    public static object? GetObject(object options, string name) =>
        options.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance)?.GetValue(options);

    /// <summary>Sets a property of exactly this type; does nothing if there is none.</summary>
    public static void Set<T>(object options, string name, T value)
    {
        if (Find(options, name, typeof(T)) is { CanWrite: true } property)
        {
            property.SetValue(options, value);
        }
    }

    /// <summary>Sets a property that still has the provider's own default.</summary>
    public static void Replace<T>(object options, string name, T providerDefault, T value)
        where T : struct, IEquatable<T>
    {
        if (Get<T>(options, name) is { } now && now.Equals(providerDefault))
        {
            Set(options, name, value);
        }
    }

    private static PropertyInfo? Find(object options, string name, Type type) =>
        options.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance) is { } property
            && (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == type ? property : null;
}
