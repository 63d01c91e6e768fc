using Microsoft.Extensions.Configuration;

namespace ServerSession.Tests.Options;

/// <summary>A frontend with the configuration of a silo has to know each key that the silo reads.</summary>
public sealed class KnownSettingTests
{
    [Fact]
    public void OfSilos_are_the_keys_that_the_options_read()
    {
        var source = new Recorder();

        new SessionGrainConfiguration(new ConfigurationBuilder().Add(source).Build(), []).Configure(new SessionGrainOptions());

        Assert.Equal(
            KnownSettings.OfSilos.Order(StringComparer.Ordinal),
            source.Keys.Select(static key => key["ServerSession:".Length..]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("IdleTimeuot", "IdleTimeout")]
    [InlineData("Tls:CertFile", "Tls:CertificateFile")]
    [InlineData("ShieldKeys:0", "SigningKeys:0")]
    [InlineData("Zebra", null)]
    public void Nearest_of_a_mistyped_or_shortened_key_is_the_one_that_was_meant(string key, string? meant) => Assert.Equal(meant, KnownSettings.Nearest(key));

    private sealed class Recorder : ConfigurationProvider, IConfigurationSource
    {
        public HashSet<string> Keys { get; } = [];

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override bool TryGet(string key, out string? value)
        {
            Keys.Add(key);
            return base.TryGet(key, out value);
        }
    }
}
