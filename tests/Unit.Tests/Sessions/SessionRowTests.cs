using Orleans.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Sessions;

/// <summary>What a session knows of its row.</summary>
public sealed class SessionRowTests : IDisposable
{
    private readonly SessionHarness _harness = new();
    private readonly SessionHarness.Activation _activation;
    private readonly SessionState _state = new Session(Sample.Set("a", "1")).State;

    public SessionRowTests() => _activation = _harness.Activate();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Write_of_a_second_row_under_the_same_id_is_refused()
    {
        var row = new SessionRow(_activation);
        await row.WriteAsync(_state, Sample.Now);

        await Assert.ThrowsAsync<InconsistentStateException>(async () => await new SessionRow(_activation).WriteAsync(_state, Sample.Now));

        Assert.True(row is { Exists: true, IsOwn: true, IsDirty: false });
    }

    [Fact]
    public async Task Row_that_was_only_read_is_not_its_own_until_it_is_written()
    {
        await new SessionRow(_activation).WriteAsync(_state, Sample.Now);
        var row = new SessionRow(_activation);
        var (_, etag) = (await row.ReadAsync())!.Value;
        row.Take(etag);
        Assert.True(row.IsSame(etag));
        Assert.False(row.IsOwn);

        await row.WriteAsync(_state, Sample.Now);

        Assert.True(row.IsOwn);
        Assert.False(row.IsSame(etag));
    }

    [Fact]
    public async Task Row_lags_behind_an_access_and_a_change_until_it_is_written()
    {
        var row = new SessionRow(_activation);
        var live = new LiveSession(_state, Sample.Now);
        await row.WriteAsync(_state, Sample.Now);
        Assert.False(row.LagsBehind(live));
        Assert.Equal(Sample.Now + (SessionTerms.Default.IdleTimeout * 0.25), row.TouchIsDueFrom(live));

        live.Touch(Sample.Now.AddSeconds(1));
        Assert.True(row.LagsBehind(live));
        await row.WriteAsync(_state, live.LastAccess);
        Assert.False(row.LagsBehind(live));
        row.IsDirty = true;

        Assert.True(row.LagsBehind(live));
        Assert.Equal(Sample.Now.AddSeconds(1) + (SessionTerms.Default.IdleTimeout * 0.25), row.TouchIsDueFrom(live));
    }

    [Fact]
    public async Task Insert_over_a_placeholder_registers_the_id_first_and_a_write_that_stops_between_leaves_a_due_tombstone()
    {
        var row = new SessionRow(_activation);
        var writes = 0;
        _harness.Rows.BeforeAsync = _ => ++writes == 2 ? throw new IOException("The store has failed.") : Task.CompletedTask;

        await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await row.InsertOverPlaceholderAsync(row.NewPlaceholder(), _state, Sample.Now));

        Assert.Equal(1, _harness.Registration.Count);
        var record = SessionRecordCodec.Decode(_harness.Rows.Of(_activation.GrainId)!);
        Assert.True(record.IsTombstone);
        Assert.True(record.CreateEndsAt < Sample.Now);
    }

    [Fact]
    public void Decode_of_a_broken_row_is_refused_and_of_a_newer_one_is_unavailable()
    {
        var row = new SessionRow(_activation);

        Assert.False(row.TryDecode([1, 0xFF, 0xFF], out _));
        Assert.False(_activation.IsIdle);
        Assert.Throws<SessionUnavailableException>(() => row.TryDecode([0xA0, 0x06, 3], out _));
        Assert.True(_activation.IsIdle);
    }

    [Fact]
    public async Task Clear_with_the_etag_of_another_write_is_refused()
    {
        var row = new SessionRow(_activation);
        await row.WriteAsync(_state, Sample.Now);
        _harness.Rows.Put(_activation.GrainId, SessionRecordCodec.Encode(_state, Sample.Now));

        await Assert.ThrowsAsync<InconsistentStateException>(async () => await row.ClearAsync());

        Assert.True(row.Exists);
        Assert.NotNull(_harness.Rows.Of(_activation.GrainId));
    }
}
