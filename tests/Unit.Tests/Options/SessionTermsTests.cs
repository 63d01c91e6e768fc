namespace ServerSession.Tests.Options;

public sealed class SessionTermsTests
{
    [Fact]
    public void Terms_by_default_are_the_documented_ones()
    {
        Assert.Equal(TimeSpan.FromMinutes(20), SessionTerms.Default.IdleTimeout);
        Assert.Equal(TimeSpan.FromDays(7), SessionTerms.Default.AbsoluteLifetime);
        Assert.Equal(SessionDurability.WriteThrough, SessionTerms.Default.Durability);
        Assert.Equal(TimeSpan.FromSeconds(1), SessionTerms.Default.WriteBehindInterval);
        Assert.Null(SessionTerms.Default.Validate());
    }

    public static TheoryData<string, SessionTerms> Invalid => new()
    {
        { "IdleTimeout", new() { IdleTimeout = SessionTerms.MinimumTime - TimeSpan.FromTicks(1) } },
        { "IdleTimeout", new() { IdleTimeout = TimeSpan.Zero } },
        { "IdleTimeout", new() { IdleTimeout = TimeSpan.MinValue } },
        { "IdleTimeout", new() { IdleTimeout = SessionTerms.MaximumTime + TimeSpan.FromTicks(1), AbsoluteLifetime = TimeSpan.MaxValue } },
        { "AbsoluteLifetime", new() { AbsoluteLifetime = TimeSpan.FromMinutes(20) - TimeSpan.FromTicks(1) } },
        { "AbsoluteLifetime", new() { AbsoluteLifetime = SessionTerms.MaximumTime + TimeSpan.FromTicks(1) } },
        { "AbsoluteLifetime", new() { AbsoluteLifetime = TimeSpan.MinValue } },
        { "Durability", new() { Durability = (SessionDurability)3 } },
        { "Durability", new() { Durability = (SessionDurability)(-1) } },
        { "WriteBehindInterval", new() { WriteBehindInterval = TimeSpan.FromMilliseconds(10) - TimeSpan.FromTicks(1) } },
        { "WriteBehindInterval", new() { WriteBehindInterval = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1) } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Validate_of_wrong_terms_names_the_setting(string setting, SessionTerms terms) =>
        Assert.StartsWith(setting + " is ", terms.Validate(), StringComparison.Ordinal);

    public static TheoryData<SessionTerms> Valid => new()
    {
        new SessionTerms { IdleTimeout = SessionTerms.MinimumTime, AbsoluteLifetime = SessionTerms.MinimumTime },
        new SessionTerms { IdleTimeout = SessionTerms.MaximumTime, AbsoluteLifetime = SessionTerms.MaximumTime },
        new SessionTerms { Durability = SessionDurability.Volatile },
        new SessionTerms { Durability = SessionDurability.WriteBehind, WriteBehindInterval = TimeSpan.FromMilliseconds(10) },
        new SessionTerms { WriteBehindInterval = TimeSpan.FromHours(1) },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void Validate_of_right_terms_finds_nothing(SessionTerms terms) => Assert.Null(terms.Validate());
}
