using Microsoft.Extensions.Configuration;

namespace ServerSession.Tests;

/// <summary>A silo with the configuration of a frontend has to know each key that the frontend reads.</summary>
public sealed class KnownSettingTests
{
    [Fact]
    public void OfFrontends_are_the_keys_that_the_options_read()
    {
        var source = new Recorder();

        new ServerSessionConfiguration([new ConfigurationBuilder().Add(source).Build()]).Configure(new ServerSessionOptions());

        Assert.Equal(
            KnownSettings.OfFrontends.Order(StringComparer.Ordinal),
            source.Keys.Select(static key => key["ServerSession:".Length..]).Append("SigningKeys:").Order(StringComparer.Ordinal));
    }

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
