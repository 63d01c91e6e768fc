using System.Collections.Frozen;

namespace ServerSession.AspNetCore;

/// <summary>
/// Suffixes under which everybody can have a name, so that browsers refuse cookies for them. Browsers have the whole list
/// (publicsuffix.org), which changes every week; these are the common ones. All single labels are suffixes too.
/// </summary>
internal static class PublicSuffixes
{
    /// <summary>The second level of country domains, each with the labels that are suffixes there.</summary>
    private static readonly (string Country, string Labels)[] Countries =
    [
        ("ae", "ac co gov mil net org sch"),
        ("ar", "com edu gob gov int mil net org tur"),
        ("at", "ac co gv or"),
        ("au", "asn com edu gov id net org"),
        ("br", "art blog com eco edu gov net org"),
        ("cn", "ac com edu gov mil net org"),
        ("co", "com edu gov mil net nom org"),
        ("cy", "ac com gov net org"),
        ("eg", "com edu gov mil net org"),
        ("es", "com edu gob nom org"),
        ("gr", "com edu gov net org"),
        ("hk", "com edu gov idv net org"),
        ("hu", "co"),
        ("id", "ac co desa go mil my net or sch web"),
        ("il", "ac co gov k12 muni net org"),
        ("in", "ac co edu firm gen gov ind net nic org res"),
        ("jp", "ac ad co ed go gr lg ne or"),
        ("ke", "ac co go info ne or sc"),
        ("kr", "ac co go ne or pe re"),
        ("mx", "com edu gob net org"),
        ("my", "com edu gov mil name net org"),
        ("ng", "com edu gov net org"),
        ("nz", "ac co geek gen govt iwi kiwi maori net org school"),
        ("pe", "com edu gob mil net nom org"),
        ("ph", "com edu gov net ngo org"),
        ("pk", "com edu gov net org"),
        ("pl", "com edu gov net org"),
        ("pt", "com edu gov org"),
        ("sa", "com edu gov med net org"),
        ("sg", "com edu gov net org per"),
        ("th", "ac co go in mi net or"),
        ("tr", "av bel biz com edu gen gov info name net org tv web"),
        ("tw", "club com edu gov idv net org"),
        ("ua", "com edu gov in net org"),
        ("uk", "ac co gov ltd me net nhs org plc police sch"),
        ("uy", "com edu gub mil net org"),
        ("ve", "co com edu gob info net org web"),
        ("vn", "ac biz com edu gov info name net org"),
        ("za", "ac co edu gov law net nom org school web"),
    ];

    /// <summary>Hosting services whose customers get a name below these.</summary>
    private static readonly string[] Hosting =
    [
        "appspot.com", "a.run.app", "run.app", "web.app", "firebaseapp.com", "azurewebsites.net", "azurestaticapps.net", "azurecontainerapps.io", "azurefd.net", "azureedge.net",
        "trafficmanager.net", "cloudapp.net", "cloudapp.azure.com", "amazonaws.com", "elasticbeanstalk.com", "awsapprunner.com", "cloudfront.net", "amplifyapp.com", "blogspot.com",
        "github.io", "githubpreview.dev", "gitlab.io", "bitbucket.io", "herokuapp.com", "netlify.app", "vercel.app", "now.sh", "pages.dev", "workers.dev", "fly.dev", "onrender.com",
        "up.railway.app", "deno.dev", "surge.sh", "glitch.me", "ngrok.io", "ngrok.app", "ngrok-free.app", "trycloudflare.com", "devtunnels.ms", "duckdns.org", "myshopify.com", "wordpress.com",
    ];

    private static readonly FrozenSet<string> All = Countries
        .SelectMany(static country => country.Labels.Split(' ').Select(label => $"{label}.{country.Country}"))
        .Concat(Hosting)
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool Contains(string host) => All.Contains(host);
}
