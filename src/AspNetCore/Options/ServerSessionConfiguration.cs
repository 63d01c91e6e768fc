using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>
/// Reads the options from the section <c>ServerSession</c>; what cannot be read and what nobody reads is noted for the validator. A key that
/// is added here also belongs into <see cref="KnownSettings.OfFrontends"/>, so that silos with the same configuration tolerate it.
/// </summary>
internal sealed class ServerSessionConfiguration(IEnumerable<IConfiguration> configurations) : IConfigureOptions<ServerSessionOptions>
{
    public const string Section = SettingsReader.Section;

    public void Configure(ServerSessionOptions options)
    {
        if (configurations.LastOrDefault() is not { } configuration)
        {
            return;
        }

        var reader = new SettingsReader(configuration, options.ConfigurationFaults);
        reader.Time(nameof(options.IdleTimeout), value => options.IdleTimeout = value);
        reader.Time(nameof(options.AbsoluteLifetime), value => options.AbsoluteLifetime = value);
        reader.Name<SessionDurability>(nameof(options.Durability), value => options.Durability = value);
        reader.Number("NearCache:Entries", value => options.NearCache.Entries = value);
        reader.Time(nameof(options.WriteBehindInterval), value => options.WriteBehindInterval = value);
        reader.Name<UnavailablePolicy>(nameof(options.OnUnavailable), value => options.OnUnavailable = value);
        reader.Time(nameof(options.RetryAfter), value => options.RetryAfter = value);
        reader.Time(nameof(options.RetryBudget), value => options.RetryBudget = value);
        reader.Time(nameof(options.OperationWindow), value => options.OperationWindow = value);
        reader.Time(nameof(options.SigningKeyRefreshInterval), value => options.SigningKeyRefreshInterval = value);
        reader.Name<CrossSiteStartPolicy>(nameof(options.CrossSiteStart), value => options.CrossSiteStart = value);
        reader.Text(nameof(options.Header), value => options.Header = value);
        reader.Limits(options.Limits, value => options.Limits = value);
        reader.Number("Subjects:MaximumSessions", value => options.Subjects.MaximumSessions = value);
        reader.Name<SubjectLimitPolicy>("Subjects:WhenFull", value => options.Subjects.WhenFull = value);
        reader.Text("Cookie:Name", value => options.Cookie.Name = value);
        reader.Text("Cookie:Path", value => options.Cookie.Path = value);
        reader.Text("Cookie:Domain", value => options.Cookie.Domain = value);
        reader.Name<SameSiteMode>("Cookie:SameSite", value => options.Cookie.SameSite = value);
        reader.Name<CookieSecurePolicy>("Cookie:SecurePolicy", value => options.Cookie.SecurePolicy = value);
        reader.Time("Cookie:MaxAge", value => options.Cookie.MaxAge = value);
        reader.Flag("Cookie:IsEssential", value => options.Cookie.IsEssential = value);
        reader.Items(nameof(options.SigningKeys), options.SigningKeys.Add);
        reader.RefuseOtherKeys();
    }
}
