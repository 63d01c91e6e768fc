using System.Text;

namespace ServerSession.Tests.Storage;

[Alias("KeeperGrain")]
public interface IKeeperGrain : IGrainWithStringKey
{
    [Alias("Keep")]
    Task Keep(string value, bool onlyAtDeactivation);

    [Alias("Kept")]
    Task<string> Kept();
}

/// <summary>Keeps a value, at once or only when it is deactivated.</summary>
public sealed class KeeperGrain([PersistentState("kept", "sessions")] IPersistentState<StoredBytes> state) : Grain, IKeeperGrain
{
    private bool _isDirty;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _isDirty ? state.WriteStateAsync(cancellationToken) : Task.CompletedTask;

    public Task Keep(string value, bool onlyAtDeactivation)
    {
        state.State = new(Encoding.UTF8.GetBytes(value));
        _isDirty = onlyAtDeactivation;
        return onlyAtDeactivation ? Task.CompletedTask : state.WriteStateAsync();
    }

    public Task<string> Kept() => Task.FromResult(Encoding.UTF8.GetString(state.State.Bytes));
}
