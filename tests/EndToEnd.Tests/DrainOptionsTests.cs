using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using ServerSession.Hosting;

namespace ServerSession.Tests;

/// <summary>How long a host serves on after SIGTERM, where nothing is configured and where something is.</summary>
public sealed class DrainOptionsTests
{
    [Theory]
    [InlineData("Development", null, 0)]
    [InlineData("Production", null, 5)]
    [InlineData("Staging", null, 5)]
    [InlineData("Development", "00:00:07", 7)]
    [InlineData("Production", "00:00:00", 0)]
    public void Delay_is_0_in_development_5_seconds_elsewhere_and_what_is_configured(string environment, string? configured, int seconds)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ServerSession:DrainDelay", configured)]).Build();
        var options = new DrainOptions();

        new DrainOptionsSetup(configuration, new HostingEnvironment { EnvironmentName = environment }).Configure(options);

        Assert.Equal(TimeSpan.FromSeconds(seconds), options.DrainDelay);
        Assert.True(new DrainOptionsValidator().Validate(null, options).Succeeded);
    }
}
