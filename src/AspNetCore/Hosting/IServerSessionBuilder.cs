using Microsoft.Extensions.DependencyInjection;

namespace ServerSession;

/// <summary>What <c>AddServerSession</c> returns, to choose the parts. Its verbs are extension methods over <see cref="Services"/>.</summary>
public interface IServerSessionBuilder
{
    /// <summary>The application's services.</summary>
    IServiceCollection Services { get; }
}
