namespace ServerSession;

/// <summary>One element of a Data Protection key ring: a key or a revocation. Prints without its content.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.DataProtectionKeyElement")]
public sealed class DataProtectionKeyElement
{
    /// <summary>Creates an element.</summary>
    /// <param name="id">Identifies the element, so that storing it again adds nothing.</param>
    /// <param name="name">What Data Protection calls it; for people.</param>
    /// <param name="xml">The element as XML.</param>
    public DataProtectionKeyElement(Guid id, string name, string xml)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(xml);
        Id = id;
        Name = name;
        Xml = xml;
    }

    /// <summary>Identifies the element.</summary>
    [Id(0)]
    public Guid Id { get; }

    /// <summary>What Data Protection calls it.</summary>
    [Id(1)]
    public string Name { get; }

    /// <summary>The element as XML. Where the application does not encrypt keys at rest, this is a secret.</summary>
    [Id(2)]
    public string Xml { get; }

    /// <summary>The element's id.</summary>
    public override string ToString() => $"Data Protection element {Id}";
}
