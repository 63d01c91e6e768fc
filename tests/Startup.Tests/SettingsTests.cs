using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace ServerSession.Tests;

/// <summary>Who has the last word on a setting, and what becomes of one that nobody reads.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void Code_of_the_silo_wins_over_the_configuration()
    {
        using var app = new OwnApp(settings: [("ServerSession:RotationGrace", "00:00:20"), ("ServerSession:Limits:Keys", "7"), ("ServerSession:TouchFraction", "0.5")]);
        app.UseSilo(static silo => silo.AddServerSession(static options =>
        {
            options.RotationGrace = TimeSpan.FromSeconds(30);
            options.Limits = options.Limits with { KeyBytes = 9 };
        }));

        var options = Silo(app);

        Assert.Equal(TimeSpan.FromSeconds(30), options.RotationGrace);
        Assert.Equal(SessionLimits.Default with { Keys = 7, KeyBytes = 9 }, options.Limits);
        Assert.Equal(0.5, options.TouchFraction);
    }

    [Fact]
    public void Code_of_the_silo_that_stands_before_AddServerSession_wins_over_the_configuration()
    {
        using var app = new OwnApp(settings: [("ServerSession:RotationGrace", "00:00:20")]);
        app.Services.Configure<SessionGrainOptions>(static options => options.RotationGrace = TimeSpan.FromSeconds(30));
        app.UseSilo(static silo => silo.AddServerSession());

        Assert.Equal(TimeSpan.FromSeconds(30), Silo(app).RotationGrace);
    }

    [Fact]
    public void Code_of_the_silo_that_comes_later_wins_over_earlier_code()
    {
        using var app = new OwnApp();
        app.UseSilo(static silo => silo
            .AddServerSession(static options => options.RotationGrace = TimeSpan.FromSeconds(30))
            .AddServerSession(static options => options.RotationGrace = TimeSpan.FromSeconds(40)));

        Assert.Equal(TimeSpan.FromSeconds(40), Silo(app).RotationGrace);
    }

    [Fact]
    public void Code_of_the_frontend_wins_over_the_configuration_wherever_it_stands()
    {
        using var app = new OwnApp(settings: [("ServerSession:IdleTimeout", "00:05:00"), ("ServerSession:RetryAfter", "00:00:09")]);
        app.Services.Configure<ServerSessionOptions>(static options => options.IdleTimeout = TimeSpan.FromMinutes(6));
        app.Services.AddServerSession(static options => options.RetryAfter = TimeSpan.FromSeconds(7)).UseInMemoryStore();
        app.Services.Configure<ServerSessionOptions>(static options => options.RetryAfter = TimeSpan.FromSeconds(8));

        var options = Frontend(app);

        Assert.Equal(TimeSpan.FromMinutes(6), options.IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(8), options.RetryAfter);
    }

    [Fact]
    public void Limits_of_one_application_leave_the_defaults_alone()
    {
        using var app = new OwnApp(settings: [("ServerSession:Limits:Keys", "7")]);
        app.UseSilo(static silo => silo.AddServerSession());
        app.Services.AddServerSession();
        app.Services.Configure<SessionGrainOptions>(app.Builder.Configuration.GetSection("ServerSession"));
        app.Services.Configure<ServerSessionOptions>(app.Builder.Configuration.GetSection("ServerSession"));

        Assert.Equal(7, Silo(app).Limits.Keys);
        Assert.Equal(7, Frontend(app).Limits.Keys);
        Assert.Equal(256, SessionLimits.Default.Keys);
        Assert.Equal(256, new SessionGrainOptions().Limits.Keys);
        Assert.Equal(256, new ServerSessionOptions().Limits.Keys);
    }

    [Fact]
    public void Limits_given_by_code_are_copied_before_a_binder_writes_into_them()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Limits:Keys"] = "7" }).Build();
        var silo = new SessionGrainOptions { Limits = SessionLimits.Default };
        var frontend = new ServerSessionOptions { Limits = SessionLimits.Default };

        settings.Bind(silo);
        settings.Bind(frontend);

        Assert.Equal((7, 7, 256), (silo.Limits.Keys, frontend.Limits.Keys, SessionLimits.Default.Keys));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Limits_in_the_code_of_the_frontend_reach_the_silo_of_the_process(bool frontendFirst)
    {
        using var app = new OwnApp(settings: [("ServerSession:Limits:KeyBytes", "9")]);
        if (frontendFirst)
        {
            AddFrontend();
        }

        app.UseSilo(static silo => silo.AddServerSession());
        if (!frontendFirst)
        {
            AddFrontend();
        }

        Assert.Equal(SessionLimits.Default with { Keys = 5, KeyBytes = 9 }, Silo(app).Limits);

        void AddFrontend() => app.Services.AddServerSession(static options => options.Limits = options.Limits with { Keys = 5 });
    }

    [Fact]
    public void Limits_in_the_code_of_the_silo_win_over_those_of_the_frontend()
    {
        using var app = new OwnApp();
        app.Services.AddServerSession(static options => options.Limits = new SessionLimits { Keys = 5 });
        app.UseSilo(static silo => silo.AddServerSession(static options => options.Limits = new SessionLimits { Keys = 6 }));

        Assert.Equal(6, Silo(app).Limits.Keys);
        Assert.Equal(5, Frontend(app).Limits.Keys);
    }

    [Theory]
    [InlineData("Idletimout", "IdleTimeout")]
    [InlineData("IdelTimeout", "IdleTimeout")]
    [InlineData("Limits:Key", "Limits:Keys")]
    [InlineData("Limits:KeysBytes", "Limits:KeyBytes")]
    [InlineData("Cookie:Nme", "Cookie:Name")]
    [InlineData("SigningKey", "SigningKeys")]
    [InlineData("ShieldKeys", "SigningKeys")]
    [InlineData("ShieldKeys:0", "SigningKeys:0")]
    [InlineData("ShieldKeyRotation", "SigningKeyRotation")]
    [InlineData("Colection-Age", "CollectionAge")]
    [InlineData("Mod", "Mode")]
    public async Task Start_with_a_mistyped_key_is_refused_and_names_the_right_one(string key, string meant)
    {
        using var frontend = new OwnApp(settings: [($"ServerSession:{key}", "1")]);
        frontend.Services.AddServerSession().UseInMemoryStore();
        using var silo = new OwnApp(settings: [($"ServerSession:{key}", "1")]);
        silo.UseSilo(static builder => builder.AddServerSession());

        var sentence = $"ServerSession:{key} is no setting; write ServerSession:{meant}, or remove it.";
        Assert.Equal([sentence], Assert.IsType<OptionsValidationException>(await OwnApp.RefusalAsync(frontend.Build())).Failures);
        Assert.Equal(sentence, Assert.IsType<OrleansConfigurationException>(await OwnApp.RefusalAsync(silo.Builder.Build())).Message);
    }

    [Fact]
    public async Task Start_with_a_key_like_none_is_refused_and_lists_the_settings()
    {
        using var app = new OwnApp(settings: [("ServerSession:Distributed", "true")]);
        app.Services.AddServerSession().UseInMemoryStore();

        var failure = Assert.Single(Assert.IsType<OptionsValidationException>(await OwnApp.RefusalAsync(app.Build())).Failures);

        Assert.StartsWith("ServerSession:Distributed is no setting; remove it. The settings of ServerSession are ", failure, StringComparison.Ordinal);
        Assert.Contains("IdleTimeout", failure, StringComparison.Ordinal);
        Assert.Contains("CollectionAge", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_the_other_tier_and_of_the_hosts_are_tolerated()
    {
        (string, string)[] settings =
        [
            ("ServerSession:IdleTimeout", "00:05:00"), ("ServerSession:cookie:name", "sid"), ("ServerSession:SigningKeys:0", Convert.ToBase64String(Guid.NewGuid().ToByteArray().Concat(Guid.NewGuid().ToByteArray()).ToArray())),
            ("ServerSession:CollectionAge", "00:06:00"), ("ServerSession:Mode", "Client"), ("ServerSession:DataDirectory", "data"),
            ("ServerSession:Tls:CertificateFile", "silo.pem"),
        ];
        using var frontend = new OwnApp("Production", settings);
        frontend.Services.AddServerSession().UseInMemoryStore();
        using var silo = new OwnApp("Production", settings);
        silo.UseSilo(static builder => builder.AddServerSession());

        Assert.Equal("sid", Frontend(frontend).Cookie.Name);
        Assert.Equal(TimeSpan.FromMinutes(6), Silo(silo).CollectionAge);
    }

    [Fact]
    public async Task Start_of_a_silo_with_values_it_cannot_read_reports_all_of_them()
    {
        using var app = new OwnApp(settings:
        [
            ("ServerSession:RotationGrace", "20"), ("ServerSession:TouchFraction", "half"), ("ServerSession:AllowVolatile", "maybe"), ("ServerSession:Limits:Keys", "many"),
            ("ServerSession:StorageTimeout", "01:00:00"),
        ]);
        app.UseSilo(static silo => silo.AddServerSession());

        var lines = Assert.IsType<OrleansConfigurationException>(await OwnApp.RefusalAsync(app.Builder.Build())).Message.Split(Environment.NewLine);

        Assert.Equal(
        [
            "The session options cannot be used:",
            "ServerSession:Limits:Keys is \"many\"; write a whole number, for example 256.",
            "ServerSession:TouchFraction is \"half\"; write a number, for example 0.25.",
            "ServerSession:RotationGrace is \"20\"; write a time as [days.]hh:mm:ss, for example 00:20:00 for twenty minutes.",
            "ServerSession:AllowVolatile is \"maybe\"; write true or false.",
            "ServerSession:StorageTimeout is 01:00:00; set it between 00:00:00.1000000 and 00:01:00.",
        ], lines);
    }

    private static SessionGrainOptions Silo(OwnApp app) => Options<SessionGrainOptions>(app);

    private static ServerSessionOptions Frontend(OwnApp app) => Options<ServerSessionOptions>(app);

    private static T Options<T>(OwnApp app)
        where T : class
    {
        using var provider = app.Services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<T>>().Value;
    }
}
