using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;

namespace ServerSession.Tests;

/// <summary>The grain directory's cache keeps a trace of every session that was ever in memory, so it has a bound.</summary>
public sealed class DirectoryCacheTests
{
    [Fact]
    public void CacheSize_that_is_not_configured_is_bounded()
    {
        Assert.Equal(100_000, CacheSize(static silo => silo.AddServerSession()));
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(100_001)]
    [InlineData(5_000)]
    public void CacheSize_that_is_configured_before_or_after_is_kept(int size)
    {
        Assert.Equal(size, CacheSize(silo => silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = size).AddServerSession()));
        Assert.Equal(size, CacheSize(silo => silo.AddServerSession().Configure<GrainDirectoryOptions>(options => options.CacheSize = size)));
    }

    [Fact]
    public void CacheSize_that_is_bound_from_configuration_is_kept()
    {
        Assert.Equal(7_000, CacheSize(static silo =>
        {
            silo.Configuration["Orleans:GrainDirectory:CacheSize"] = "7000";
            silo.Services.AddOptions<GrainDirectoryOptions>().BindConfiguration("Orleans:GrainDirectory");
            silo.AddServerSession();
        }));
    }

    private static int CacheSize(Action<ISiloBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            configure(silo);
        });
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<GrainDirectoryOptions>>().Value.CacheSize;
    }
}
