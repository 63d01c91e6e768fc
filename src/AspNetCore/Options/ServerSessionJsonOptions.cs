using System.Text.Json;

namespace ServerSession;

/// <summary>How <see cref="JsonSessionSerializer"/> turns values into JSON. Set with <c>ConfigureJson</c>, in code only.</summary>
public sealed class ServerSessionJsonOptions
{
    /// <summary>
    /// The options of System.Text.Json. Add the application's <c>JsonSerializerContext</c> to <see cref="JsonSerializerOptions.TypeInfoResolverChain"/>, and
    /// its converters to <see cref="JsonSerializerOptions.Converters"/>. They are read once, at the first use of a session.
    /// </summary>
    /// <value>
    /// <see cref="JsonSerializerDefaults.Web"/>. <see cref="JsonSerializerOptions.Encoder"/> is not used: text is always kept in UTF-8, with the
    /// escapes that JSON demands.
    /// </value>
    public JsonSerializerOptions SerializerOptions { get; } = new(JsonSerializerDefaults.Web);
}
