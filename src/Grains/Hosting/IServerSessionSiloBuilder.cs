namespace Orleans.Hosting;

/// <summary>
/// What <c>AddServerSession</c> returns on a silo, to choose the parts of its sessions: the silo's own builder, whose verbs work on it too.
/// </summary>
public interface IServerSessionSiloBuilder : ISiloBuilder;
