namespace ServerSession.Tests.Storage;

/// <summary>The storage can name the grains that have a state: for those who keep an index over the rows.</summary>
public sealed class ListTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task List_names_every_grain_with_a_state_of_the_name_once()
    {
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        var expected = new HashSet<GrainId>();
        List<Task> writes = [];
        for (var number = 0; number < 1500; number++)
        {
            var grain = GrainId.Create(GrainType.Create("session"), GrainIdKeyExtensions.CreateGuidKey(Guid.NewGuid()));
            writes.Add(store.Storage.WriteStateAsync(number % 3 == 0 ? "other" : "session", grain, new BytesState { State = new StoredBytes { Bytes = [1] } }));
            if (number % 3 != 0)
            {
                expected.Add(grain);
            }
        }

        await Task.WhenAll(writes);
        List<GrainId> listed = [];
        await foreach (var grain in store.Storage.ListAsync("session", TestContext.Current.CancellationToken))
        {
            listed.Add(grain);
        }

        Assert.Equal(expected.Count, listed.Count);
        Assert.Equal(expected, listed.ToHashSet());
    }
}
