namespace ServerSession.Tests.Conformance;

/// <summary>Says which provider of the hosts a conformance class tests.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ProviderAttribute(string name) : Attribute
{
    public string Name => name;
}
