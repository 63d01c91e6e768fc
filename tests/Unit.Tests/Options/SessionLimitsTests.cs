namespace ServerSession.Tests.Options;

public sealed class SessionLimitsTests
{
    [Fact]
    public void Limits_by_default_are_the_documented_ones()
    {
        Assert.Equal(new SessionLimits { KeyBytes = 256, ValueBytes = 65_536, Keys = 256, TotalBytes = 262_144 }, SessionLimits.Default);
        Assert.Empty(SessionLimits.Default.Validate());
    }

    [Theory]
    [InlineData("KeyBytes", 4096)]
    [InlineData("ValueBytes", 16 * 1024 * 1024)]
    [InlineData("Keys", 10_000)]
    [InlineData("TotalBytes", 64 * 1024 * 1024)]
    public void Validate_accepts_the_ends_of_the_range_and_refuses_one_beyond(string limit, int most)
    {
        Assert.Empty(With(limit, 1).Validate());
        Assert.Empty(With(limit, most).Validate());
        foreach (var value in new[] { 0, -1, int.MinValue, most + 1, int.MaxValue })
        {
            Assert.StartsWith($"{limit} is {value};", Assert.Single(With(limit, value).Validate()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Validate_tells_every_fault_at_once() =>
        Assert.Equal(4, new SessionLimits { KeyBytes = 0, ValueBytes = 0, Keys = 0, TotalBytes = 0 }.Validate().Count());

    [Theory]
    [InlineData(1, 1_024)]
    [InlineData(64, 1_024)]
    [InlineData(256, 4_096)]
    [InlineData(10_000, 160_000)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void Changes_follow_from_the_keys(int keys, int changes) => Assert.Equal(changes, new SessionLimits { Keys = keys }.Changes);

    private static SessionLimits With(string limit, int value) => limit switch
    {
        "KeyBytes" => new() { KeyBytes = value },
        "ValueBytes" => new() { ValueBytes = value },
        "Keys" => new() { Keys = value },
        _ => new() { TotalBytes = value },
    };
}
