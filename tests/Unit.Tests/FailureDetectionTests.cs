using Orleans.Configuration;

namespace ServerSession.Tests;

/// <summary>The times of a cluster have to fit together: a silo stops to answer before another one may take its sessions.</summary>
public class FailureDetectionTests
{
    private readonly ClusterMembershipOptions _membership = new();
    private readonly SessionGrainOptions _options = new();

    public FailureDetectionTests() => FailureDetection.Configure(_membership);

    [Fact]
    public void Fence_is_shorter_than_the_time_to_declare_a_silo_dead() =>
        Assert.True(FailureDetection.FenceAge(_options, _membership) < FailureDetection.ShortestDeathTime(_membership));

    [Theory]
    [InlineData(null)]
    [InlineData(200)]
    public void Directory_stays_closed_after_a_death_for_the_age_of_the_fence(int? fence)
    {
        _options.FenceAge = fence is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
        var directory = new GrainDirectoryOptions();

        FailureDetection.ConfigureDirectory(directory, _options, _membership);

        // Orleans counts the lease from its longest detection before the declaration.
        var closed = directory.RangeLeaseDuration - (_membership.MaxProbeTimeout * _membership.NumMissedProbesLimit);
        Assert.Equal(FailureDetection.FenceAge(_options, _membership), closed);
    }

    [Fact]
    public void Directory_lease_that_the_application_chose_is_kept()
    {
        var directory = new GrainDirectoryOptions { RangeLeaseDuration = TimeSpan.FromMinutes(1) };

        FailureDetection.ConfigureDirectory(directory, _options, _membership);

        Assert.Equal(TimeSpan.FromMinutes(1), directory.RangeLeaseDuration);
    }
}
