using Orleans.Configuration;

namespace ServerSession.Tests.Options;

public sealed class SessionGrainOptionsTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public void Options_by_default_are_the_documented_ones_and_valid()
    {
        var options = new SessionGrainOptions();

        Assert.Equal(TimeSpan.FromSeconds(15), options.OperationWindow);
        Assert.Equal(TimeSpan.FromSeconds(3), options.StorageTimeout);
        Assert.Equal(0.25, options.TouchFraction);
        Assert.Equal(TimeSpan.FromMinutes(5), options.CollectionAge);
        Assert.Null(options.FenceAge);
        Assert.Equal(TimeSpan.FromSeconds(10), options.RotationGrace);
        Assert.True(options.AllowVolatile);
        Assert.Equal(TimeSpan.FromDays(30), options.SigningKeyRotation);
        Assert.True(options.ProbeStorage);
        Assert.True(options.Expiry.Enabled);
        Assert.Equal(TimeSpan.FromMinutes(1), options.Expiry.Interval);
        Assert.Equal(2000, options.Expiry.RowsPerSecond);
        Assert.Equal(TimeSpan.FromMinutes(1), options.Expiry.ReservationTime);
        Assert.Empty(Faults(options));
    }

    public static TheoryData<string, SessionGrainOptions> Invalid => new()
    {
        { "Limits:Keys", new() { Limits = new() { Keys = 0 } } },
        { "OperationWindow", new() { OperationWindow = TimeSpan.FromSeconds(2) - Tick } },
        { "OperationWindow", new() { OperationWindow = TimeSpan.FromMinutes(10) + Tick } },
        { "StorageTimeout", new() { StorageTimeout = TimeSpan.FromMilliseconds(100) - Tick } },
        { "StorageTimeout", new() { StorageTimeout = TimeSpan.FromMinutes(1) + Tick } },
        { "TouchFraction", new() { TouchFraction = 0.0099 } },
        { "TouchFraction", new() { TouchFraction = 0.91 } },
        { "TouchFraction", new() { TouchFraction = double.NaN } },
        { "CollectionAge", new() { CollectionAge = new GrainCollectionOptions().CollectionQuantum } },
        { "CollectionAge", new() { CollectionAge = TimeSpan.FromDays(1) + Tick } },
        { "FenceAge", new() { FenceAge = TimeSpan.FromMilliseconds(100) - Tick } },
        { "FenceAge", new() { FenceAge = FailureDetection.ShortestDeathTime(new ClusterMembershipOptions()) } },
        { "RotationGrace", new() { RotationGrace = -Tick } },
        { "RotationGrace", new() { RotationGrace = TimeSpan.FromHours(1) + Tick } },
        { "SigningKeyRotation", new() { SigningKeyRotation = TimeSpan.FromHours(1) - Tick } },
        { "SigningKeyRotation", new() { SigningKeyRotation = TimeSpan.FromDays(365) + Tick } },
        { "Expiry:Interval", new() { Expiry = { Interval = TimeSpan.FromSeconds(1) - Tick } } },
        { "Expiry:Interval", new() { Expiry = { Interval = TimeSpan.FromDays(1) + Tick } } },
        { "Expiry:ReservationTime", new() { Expiry = { ReservationTime = TimeSpan.FromSeconds(1) - Tick } } },
        { "Expiry:ReservationTime", new() { Expiry = { ReservationTime = TimeSpan.FromHours(1) + Tick } } },
        { "Expiry:RowsPerSecond", new() { Expiry = { RowsPerSecond = 49 } } },
        { "Expiry:RowsPerSecond", new() { Expiry = { RowsPerSecond = 1_000_001 } } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Faults_of_one_wrong_option_name_its_key(string key, SessionGrainOptions options) =>
        Assert.StartsWith($"ServerSession:{key} is ", Assert.Single(Faults(options)), StringComparison.Ordinal);

    public static TheoryData<SessionGrainOptions> Valid => new()
    {
        new SessionGrainOptions { OperationWindow = TimeSpan.FromSeconds(2), StorageTimeout = TimeSpan.FromMilliseconds(100), TouchFraction = 0.01 },
        new SessionGrainOptions { OperationWindow = TimeSpan.FromMinutes(10), StorageTimeout = TimeSpan.FromMinutes(1), TouchFraction = 0.9 },
        new SessionGrainOptions { CollectionAge = new GrainCollectionOptions().CollectionQuantum + Tick, RotationGrace = TimeSpan.Zero },
        new SessionGrainOptions { CollectionAge = TimeSpan.FromDays(1), RotationGrace = TimeSpan.FromHours(1) },
        new SessionGrainOptions { FenceAge = TimeSpan.FromMilliseconds(100), SigningKeyRotation = TimeSpan.FromHours(1) },
        new SessionGrainOptions { FenceAge = FailureDetection.ShortestDeathTime(new ClusterMembershipOptions()) - Tick, SigningKeyRotation = TimeSpan.FromDays(365) },
        new SessionGrainOptions { Expiry = { Interval = TimeSpan.FromSeconds(1), ReservationTime = TimeSpan.FromHours(1), RowsPerSecond = 50 } },
        new SessionGrainOptions { Expiry = { Interval = TimeSpan.FromDays(1), ReservationTime = TimeSpan.FromSeconds(1), RowsPerSecond = 1_000_000 } },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void Faults_of_right_options_are_none(SessionGrainOptions options) => Assert.Empty(Faults(options));

    [Fact]
    public void Faults_of_volatile_sessions_with_memory_shedding_name_both_ways_out()
    {
        var shedding = new GrainCollectionOptions { EnableActivationSheddingOnMemoryPressure = true };

        var fault = Assert.Single(SessionGrainOptionsValidator.Faults(new(), shedding, new()));
        Assert.Contains("ServerSession:AllowVolatile", fault, StringComparison.Ordinal);
        Assert.Contains("turn the shedding off", fault, StringComparison.Ordinal);
        Assert.Empty(SessionGrainOptionsValidator.Faults(new() { AllowVolatile = false }, shedding, new()));
    }

    [Fact]
    public void Faults_are_told_all_at_once()
    {
        var options = new SessionGrainOptions { OperationWindow = default, StorageTimeout = default, TouchFraction = 0, Limits = new() { Keys = 0, KeyBytes = 0 } };

        Assert.Equal(5, Faults(options).Count);
    }

    private static IReadOnlyList<string> Faults(SessionGrainOptions options) => SessionGrainOptionsValidator.Faults(options, new(), new());
}
