namespace ServerSession.Core;

/// <summary>
/// Every key under <c>ServerSession</c>, whoever reads it: a frontend and a silo may share one configuration, and each of them reads a part of
/// it. A key that ends with a colon stands for all keys below it: a list, or a section that its reader checks.
/// </summary>
public static class KnownSettings
{
    /// <summary>What <c>ServerSessionOptions</c> reads.</summary>
    public static IReadOnlyList<string> OfFrontends { get; } =
    [
        "NearCache:Entries", "IdleTimeout", "AbsoluteLifetime", "Durability", "WriteBehindInterval", "OnUnavailable", "CrossSiteStart", "RetryAfter", "RetryBudget", "OperationWindow",
        "SigningKeyRefreshInterval", "Header", "Limits:KeyBytes", "Limits:ValueBytes", "Limits:Keys", "Limits:TotalBytes", "Cookie:Name", "Cookie:Path",
        "Cookie:Domain", "Cookie:SameSite", "Cookie:SecurePolicy", "Cookie:MaxAge", "Cookie:IsEssential", "SigningKeys:", "Subjects:MaximumSessions", "Subjects:WhenFull",
    ];

    /// <summary>What <c>SessionGrainOptions</c> reads.</summary>
    public static IReadOnlyList<string> OfSilos { get; } =
    [
        "Limits:KeyBytes", "Limits:ValueBytes", "Limits:Keys", "Limits:TotalBytes", "OperationWindow", "StorageTimeout", "TouchFraction",
        "CollectionAge", "FenceAge", "RotationGrace", "AllowVolatile", "SigningKeyRotation", "ProbeStorage",
        "Expiry:Enabled", "Expiry:Interval", "Expiry:RowsPerSecond", "Expiry:ReservationTime",
    ];

    /// <summary>What the executables read.</summary>
    public static IReadOnlyList<string> OfHosts { get; } =
    [
        "Mode", "DataDirectory", "DrainDelay", "Kubernetes", "TrustedProxies:",
        "Tls:CertificateFile", "Tls:KeyFile", "Tls:AuthorityFile", "Tls:TargetHost", "Tls:RequireClientCertificate",
    ];

    private static readonly SortedSet<string> All = new([.. OfFrontends, .. OfSilos, .. OfHosts], StringComparer.OrdinalIgnoreCase);

    /// <summary>Keys of earlier builds, with the present name.</summary>
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ShieldKeys"] = "SigningKeys",
        ["ShieldKeyRefreshInterval"] = "SigningKeyRefreshInterval",
        ["ShieldKeyRotation"] = "SigningKeyRotation",
    };

    /// <summary>All of them, as a sentence lists them.</summary>
    public static string List { get; } = string.Join(", ", All.Select(static key => key.TrimEnd(':')));

    public static bool Has(string key)
    {
        if (All.Contains(key))
        {
            return true;
        }

        for (var colon = key.IndexOf(':', StringComparison.Ordinal); colon > 0; colon = key.IndexOf(':', colon + 1))
        {
            if (All.Contains(key[..(colon + 1)]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The key that was probably meant; null if no key is similar.</summary>
    public static string? Nearest(string key)
    {
        var name = key.Split(':')[0];
        if (Renamed.TryGetValue(name, out var present))
        {
            return present + key[name.Length..];
        }

        // A slip of one or two letters first, then a shortened name, then a coarser slip.
        var most = Math.Clamp(key.Length / 4, 1, 3);
        var (near, distance) = All
            .Select(known => (Known: known.TrimEnd(':'), Distance: Distance(key.ToUpperInvariant(), known.TrimEnd(':').ToUpperInvariant())))
            .MinBy(static pair => pair.Distance);
        return distance <= Math.Min(most, 2)
            ? near
            : All.Select(static known => known.TrimEnd(':')).FirstOrDefault(known => IsShortFor(key, known)) ?? (distance <= most ? near : null);
    }

    /// <summary>Whether a key is another one with letters left out, at most half of them, and begins as it does.</summary>
    private static bool IsShortFor(string key, string known)
    {
        if (key.Length >= known.Length || key.Length * 2 < known.Length || char.ToUpperInvariant(key[0]) != char.ToUpperInvariant(known[0]))
        {
            return false;
        }

        var found = 0;
        foreach (var letter in known)
        {
            found += found < key.Length && char.ToUpperInvariant(letter) == char.ToUpperInvariant(key[found]) ? 1 : 0;
        }

        return found == key.Length;
    }

    /// <summary>How many letters have to be added, removed or exchanged to make one text of the other (Levenshtein's distance).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j - 1], above) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
