using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ServerSession.Tests;

/// <summary>What stands in the packages.</summary>
public sealed class PackageTests(Packed packed)
{
    private const string Whole = "ServerSession.Orleans";

    private static readonly string[] Libraries =
        [
            $"{Whole}.Abstractions", $"{Whole}.AspNetCore", $"{Whole}.Core", $"{Whole}.Grains", $"{Whole}.Storage.Sqlite",
            $"{Whole}.SessionStore.Conformance", $"{Whole}.Storage.Conformance",
        ];

    public static TheoryData<string> Ids => [Whole, .. Libraries];

    public static TheoryData<string> LibraryIds => [.. Libraries];

    [Fact]
    public void Folder_has_the_packages_and_the_symbols_of_those_with_code()
    {
        var version = new Package(packed.Folder, Whole).Value("version");

        Assert.Equal(
            Libraries.Append(Whole).Select(id => $"{id}.{version}.nupkg").Concat(Libraries.Select(id => $"{id}.{version}.snupkg")).Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(packed.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Package_says_what_it_is_whose_it_is_and_under_which_licence(string id)
    {
        var package = new Package(packed.Folder, id);

        Assert.True(package.Value("description")!.Length is > 60 and < 400);
        Assert.Equal("ServerSession.Orleans contributors", package.Value("authors"));
        Assert.Equal("expression", package.Element("license")!.Attribute("type")!.Value);
        Assert.Equal("MIT", package.Value("license"));
        Assert.StartsWith("MIT License", package.Text("LICENSE"), StringComparison.Ordinal);
        Assert.Contains("orleans", package.Value("tags")!.Split(' '));
        Assert.StartsWith($"# {id}", package.Text(package.Value("readme")!), StringComparison.Ordinal);
        Assert.Equal(new byte[] { 0x89, 0x50, 0x4E, 0x47 }, package.Content[package.Value("icon")!][..4]);
        Assert.Equal("git", package.Element("repository")!.Attribute("type")!.Value);
    }

    [Fact]
    public void Description_and_readme_of_each_package_are_its_own()
    {
        var packages = Libraries.Append(Whole).Select(id => new Package(packed.Folder, id)).ToArray();

        Assert.Distinct(packages.Select(static package => package.Value("description")));
        Assert.Distinct(packages.Select(static package => package.Text("README.md")));
    }

    [Theory]
    [MemberData(nameof(LibraryIds))]
    public void Assembly_is_deterministic_documented_and_has_its_symbols(string id)
    {
        var package = new Package(packed.Folder, id);
        var symbols = new Package(packed.Folder, id, "snupkg");

        using var assembly = new PEReader(new MemoryStream(package.Content[$"lib/net10.0/{id}.dll"]));
        using var pdb = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols.Content[$"lib/net10.0/{id}.pdb"]));
        var debug = assembly.ReadDebugDirectory();

        Assert.Contains(debug, static entry => entry.Type == DebugDirectoryEntryType.Reproducible);
        var link = assembly.ReadCodeViewDebugDirectoryData(debug.First(static entry => entry.Type == DebugDirectoryEntryType.CodeView));
        Assert.Equal(link.Guid, new BlobContentId(pdb.GetMetadataReader().DebugMetadataHeader!.Id).Guid);
        Assert.Contains($"lib/net10.0/{id}.xml", package.Content.Keys);
    }

    [Fact]
    public void Package_of_the_whole_brings_what_an_application_with_its_own_silo_needs()
    {
        var package = new Package(packed.Folder, Whole);
        var version = package.Value("version")!;

        Assert.Equal(
            ["Microsoft.Orleans.Sdk", "Microsoft.Orleans.Server", $"{Whole}.AspNetCore", $"{Whole}.Grains", $"{Whole}.Storage.Sqlite"],
            package.Dependencies.Select(static dependency => dependency.Id).Order(StringComparer.Ordinal));
        Assert.All(
            package.Dependencies.Where(static dependency => dependency.Id.StartsWith(Whole, StringComparison.Ordinal)),
            dependency => Assert.Equal(version, dependency.Version));
        Assert.DoesNotContain(package.Content.Keys, static file => file.StartsWith("lib/", StringComparison.Ordinal) && file.EndsWith(".dll", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Packing_again_makes_the_same_files()
    {
        using var again = new TempFolder();

        await packed.PackAsync(again.Path);

        foreach (var id in Libraries.Append(Whole))
        {
            var one = new Package(packed.Folder, id).Content;
            var two = new Package(again.Path, id).Content;
            Assert.Equal(one.Keys.Order(StringComparer.Ordinal), two.Keys.Order(StringComparer.Ordinal));
            Assert.All(one, entry => Assert.True(entry.Value.AsSpan().SequenceEqual(two[entry.Key]), $"{id}: {entry.Key} differs."));
        }
    }
}
