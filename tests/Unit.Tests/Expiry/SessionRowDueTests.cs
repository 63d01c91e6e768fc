using ServerSession.Tests.Support;

namespace ServerSession.Tests.Expiry;

/// <summary>The clean-up reads of a row no more than when it is due.</summary>
public class SessionRowDueTests
{
    [Fact]
    public void Read_of_a_session_is_its_deadline()
    {
        var state = new Session().State;
        var access = Sample.Now + TimeSpan.FromMinutes(3);

        Assert.Equal(state.Deadline(access), SessionRowDue.Read(SessionRecordCodec.Encode(state, access)));
    }

    [Fact]
    public void Read_of_a_mark_is_the_moment_after_its_end() =>
        Assert.Equal(Sample.Now + TimeSpan.FromTicks(1), SessionRowDue.Read(SessionRecordCodec.EncodeTombstone(Sample.Now)));

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0204")]
    [InlineData("01ff")]
    [InlineData("0108ffffffffffffffffff01")]
    [InlineData("a00603")]
    [InlineData("a0060210ff")]
    public void Read_of_what_is_no_session_of_this_version_is_nothing(string hex) =>
        Assert.Null(SessionRowDue.Read(Convert.FromHexString(hex)));
}
