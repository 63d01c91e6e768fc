namespace ServerSession.Tests;

/// <summary>What <c>AddServerSession</c> returns on a silo.</summary>
public sealed class SiloBuilderTests
{
    [Fact]
    public void AddSessionEventHandler_adds_each_type_once_and_keeps_those_that_the_application_registered()
    {
        using var app = new OwnApp();
        app.UseSilo(static silo =>
        {
            silo.Services.AddSingleton<ISessionEventHandler>(new First());
            silo.AddServerSession().AddSessionEventHandler<Second>().AddSessionEventHandler<Third>();
            silo.AddServerSession().AddSessionEventHandler<Second>();
        });

        var services = app.Builder.Build().Services;
        var handlers = services.GetServices<ISessionEventHandler>();

        Assert.Equal([typeof(First), typeof(Second), typeof(Third)], handlers.Select(static handler => handler.GetType()));
    }

    [Fact]
    public void AddServerSession_on_a_silo_goes_on_with_the_verbs_of_the_silo()
    {
        using var app = new OwnApp();
        app.UseSilo(static silo =>
        {
            ISiloBuilder sessions = silo.AddServerSession();

            Assert.Same(silo.Services, sessions.Services);
            Assert.Same(silo.Configuration, sessions.Configuration);
        });
    }

    private sealed class First : ISessionEventHandler;

    private sealed class Second : ISessionEventHandler;

    private sealed class Third : ISessionEventHandler;
}
