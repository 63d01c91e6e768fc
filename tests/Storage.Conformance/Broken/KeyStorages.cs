namespace ServerSession.Tests.Storage.Broken;

/// <summary>Maps each key to another one before it goes on.</summary>
public abstract class MapsKeys(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        base.ReadStateAsync(Map(stateName), Map(grainId), grainState, cancellationToken);

    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        base.WriteStateAsync(Map(stateName), Map(grainId), grainState, cancellationToken);

    public override Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        base.ClearStateAsync(Map(stateName), Map(grainId), grainState, cancellationToken);

    protected virtual string Map(string stateName) => stateName;

    protected virtual GrainId Map(GrainId grainId) => grainId;
}

/// <summary>Has one row for all states of a grain.</summary>
public sealed class MixesStateNames(IGrainStorage inner) : MapsKeys(inner)
{
    protected override string Map(string stateName) => "";
}

/// <summary>Leaves the grain's type out of the key.</summary>
public sealed class MixesGrainTypes(IGrainStorage inner) : MapsKeys(inner)
{
    protected override GrainId Map(GrainId grainId) => GrainId.Create("any", grainId.Key.ToString()!);
}

/// <summary>Writes type and key in a row without a border between them.</summary>
public sealed class JoinsTypeAndKey(IGrainStorage inner) : MapsKeys(inner)
{
    protected override GrainId Map(GrainId grainId) => GrainId.Create("any", $"{grainId.Type}{grainId.Key}");
}

/// <summary>Replaces every character that might be difficult.</summary>
public sealed class ReplacesOddCharacters(IGrainStorage inner) : MapsKeys(inner)
{
    protected override GrainId Map(GrainId grainId) =>
        GrainId.Create(grainId.Type, string.Concat(grainId.Key.ToString()!.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')));
}

/// <summary>Compares keys without regard to case, as some database collations do.</summary>
public sealed class IgnoresCase(IGrainStorage inner) : MapsKeys(inner)
{
    protected override GrainId Map(GrainId grainId) => GrainId.Create(grainId.Type, grainId.Key.ToString()!.ToLowerInvariant());
}
