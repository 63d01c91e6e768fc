using System.IO.Compression;
using System.Xml.Linq;

namespace ServerSession.Tests;

/// <summary>One package file, read.</summary>
internal sealed class Package
{
    private readonly Dictionary<string, byte[]> _entries;

    public Package(string folder, string id, string extension = "nupkg")
    {
        var path = Directory.EnumerateFiles(folder, $"{id}.*.{extension}").Single(file => IsVersion(Path.GetFileName(file)[(id.Length + 1)..]));
        using var zip = ZipFile.OpenRead(path);
        _entries = zip.Entries.ToDictionary(static entry => entry.FullName, Read);
        Nuspec = XDocument.Parse(Text($"{id}.nuspec")).Root!.Elements().Single(static element => element.Name.LocalName == "metadata");
    }

    public XElement Nuspec { get; }

    /// <summary>Its files without those that NuGet names at random.</summary>
    public IReadOnlyDictionary<string, byte[]> Content => _entries
        .Where(static entry => !entry.Key.StartsWith("_rels/", StringComparison.Ordinal) && !entry.Key.EndsWith(".psmdcp", StringComparison.Ordinal))
        .ToDictionary();

    public string? Value(string element) => Element(element)?.Value;

    public XElement? Element(string element) => Nuspec.Elements().SingleOrDefault(child => child.Name.LocalName == element);

    public string Text(string entry) => System.Text.Encoding.UTF8.GetString(_entries[entry]).TrimStart('\uFEFF');

    public IEnumerable<(string Id, string Version)> Dependencies => Nuspec.Descendants()
        .Where(static element => element.Name.LocalName == "dependency")
        .Select(static element => (element.Attribute("id")!.Value, element.Attribute("version")!.Value));

    private static bool IsVersion(string text) => char.IsAsciiDigit(text[0]);

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
