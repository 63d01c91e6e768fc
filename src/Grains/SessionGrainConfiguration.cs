using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// Reads the options from the section <c>ServerSession</c>; what cannot be read and what nobody reads is noted for the validator. A key that
/// is added here also belongs into <see cref="KnownSettings.OfSilos"/>, so that frontends with the same configuration tolerate it.
/// </summary>
internal sealed class SessionGrainConfiguration(IConfiguration configuration, IEnumerable<IFrontendLimits> frontends) : IConfigureOptions<SessionGrainOptions>
{
    public void Configure(SessionGrainOptions options)
    {
        var reader = new SettingsReader(configuration, options.ConfigurationFaults);
        reader.Limits(options.Limits, value => options.Limits = value);
        reader.Time(nameof(options.OperationWindow), value => options.OperationWindow = value);
        reader.Time(nameof(options.StorageTimeout), value => options.StorageTimeout = value);
        reader.Fraction(nameof(options.TouchFraction), value => options.TouchFraction = value);
        reader.Time(nameof(options.CollectionAge), value => options.CollectionAge = value);
        reader.Time(nameof(options.FenceAge), value => options.FenceAge = value);
        reader.Time(nameof(options.RotationGrace), value => options.RotationGrace = value);
        reader.Flag(nameof(options.AllowVolatile), value => options.AllowVolatile = value);
        reader.Time(nameof(options.SigningKeyRotation), value => options.SigningKeyRotation = value);
        reader.Flag(nameof(options.ProbeStorage), value => options.ProbeStorage = value);
        reader.Flag("Expiry:Enabled", value => options.Expiry.Enabled = value);
        reader.Time("Expiry:Interval", value => options.Expiry.Interval = value);
        reader.Number("Expiry:RowsPerSecond", value => options.Expiry.RowsPerSecond = value);
        reader.Time("Expiry:ReservationTime", value => options.Expiry.ReservationTime = value);
        reader.RefuseOtherKeys();
        if (frontends.LastOrDefault()?.Limits is { } limits)
        {
            options.Limits = limits;
        }
    }
}
