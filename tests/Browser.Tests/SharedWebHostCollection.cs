namespace ServerSession.Tests;

[CollectionDefinition(Name)]
public sealed class SharedWebHostCollection : ICollectionFixture<SharedWebHost>
{
    public const string Name = "one WebHost";
}
