namespace ServerSession.Tests;

/// <summary>
/// The tests of the first byte can fail: over an application that commits after it has answered, as others do, the same observer sees the
/// response of every kind while the commit is still held.
/// </summary>
public sealed class FirstByteObserverTests(KindApps apps) : IClassFixture<KindApps>
{
    public static TheoryData<Server, string> Kinds => ResponseKinds.Cases(
        static (server, kind) => !kind.UsesAdapter && !(server == Server.Memory && kind.BreaksOff)); // The test server completes no response that broke off.

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Response_without_the_gate_is_seen_before_its_commit(Server server, string name)
    {
        var kind = ResponseKinds.All[name];
        var kinds = await apps.GetWithoutGateAsync(server);
        using var gate = new CommitGate(kinds.App.Store);

        var attack = Attack.Begin(kinds, kind, token: null, TestContext.Current.CancellationToken);
        await attack.Arrived.WithinLimit("the response arrives");
        await gate.Entered.WithinLimit("the late commit begins");

        Assert.True(attack.HasResponse);
        Assert.Equal(server != Server.Memory, attack.Wire.Length > 0);
        gate.Release();
        await attack.Answer.WithinLimit("the response ends");
    }
}
