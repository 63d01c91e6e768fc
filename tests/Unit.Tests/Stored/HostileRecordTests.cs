using ServerSession.Tests.Support;

namespace ServerSession.Tests.Stored;

/// <summary>Broken bytes either decode to a state that can be served, or are refused in one way; they never cost more than they are.</summary>
public sealed class HostileRecordTests
{
    private static readonly byte[] Valid = SessionRecordCodec.Encode(SampleStates.Full(), SampleStates.LastAccess);

    [Fact]
    public void Decode_of_every_truncation_decodes_or_is_refused()
    {
        for (var length = 0; length < Valid.Length; length++)
        {
            Try(Valid[..length], $"cut to {length}");
        }
    }

    [Fact]
    public void Decode_of_every_single_byte_corruption_decodes_or_is_refused()
    {
        var bytes = (byte[])Valid.Clone();
        for (var index = 3; index < bytes.Length; index++)
        {
            for (var value = 0; value < 256; value++)
            {
                bytes[index] = (byte)value;
                Try(bytes, $"byte {index} as {value}");
            }

            bytes[index] = Valid[index];
        }
    }

    [Fact]
    public void Decode_of_noise_decodes_or_is_refused()
    {
        var random = new Random(20260301);
        var bytes = new byte[200];
        for (var round = 0; round < 50_000; round++)
        {
            random.NextBytes(bytes);
            bytes[0] = 1;
            if (round % 2 == 0)
            {
                Valid.AsSpan(0, 3).CopyTo(bytes);
            }

            Try(bytes.AsSpan(0, random.Next(bytes.Length)).ToArray(), $"round {round}");
        }
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("00", "version 0")]
    [InlineData("011BFFFFFFFF0F", "an entry of 4 GiB")]
    [InlineData("011BFFFFFFFFFFFFFFFFFF01", "an entry of 2^64 bytes")]
    [InlineData("011DFFFFFFFFFFFFFFFFFF01", "a log of 2^64 bytes")]
    [InlineData("01FFFFFFFFFFFFFFFFFFFF01", "a field that has no end")]
    [InlineData("0104FFFFFFFFFFFFFFFFFF7F", "a number of more than 64 bits")]
    [InlineData("0104FFFFFFFFFFFFFFFFFF01", "a time after the end of time")]
    [InlineData("0180808080208080", "a field number that would wrap")]
    [InlineData("011D020200", "an operation that points back before the first")]
    [InlineData("02", "a number without an end")]
    [InlineData("0802", "no format")]
    [InlineData("A00601", "format 1 in the form of format 2")]
    [InlineData("A006026AFFFFFFFF0F", "an entry of 4 GiB in format 2")]
    [InlineData("A006026AFFFFFFFFFFFFFFFFFF01", "an entry of 2^64 bytes in format 2")]
    [InlineData("A006029A01FFFFFFFFFFFFFFFFFF01", "an operation of 2^64 bytes")]
    [InlineData("A00602FFFFFFFFFFFFFFFFFF01", "a field number beyond all")]
    [InlineData("A0060200", "field 0")]
    [InlineData("A006020B0C", "a group")]
    [InlineData("A006020900", "a number of eight bytes that is cut off")]
    public void Decode_of_a_hostile_record_is_refused(string hex, string why)
    {
        Assert.False(Try(Convert.FromHexString(hex), why));
    }

    /// <summary>Keys that are no UTF-8 were once repaired, so that two keys could become one; an empty key was accepted.</summary>
    [Theory]
    [InlineData("0A026BFF" + "1A00")]
    [InlineData("0A00" + "1A00")]
    [InlineData("1A00")]
    public void Decode_of_an_entry_without_a_proper_key_is_refused(string entry)
    {
        byte[] bytes = [.. SessionRecordCodec.Encode(new Session().State, Sample.Now), 0x6A, (byte)(entry.Length / 2), .. Convert.FromHexString(entry)];
        Assert.False(Try(bytes, entry));
    }

    /// <summary>A list value that is not well formed once failed in the middle of an append, as an exception instead of an outcome.</summary>
    [Theory]
    [InlineData("0A016B" + "1001" + "1A020548")]
    [InlineData("0A016B" + "1002" + "1A00")]
    [InlineData("0A016B" + "108002" + "1A00")]
    public void Decode_of_a_value_that_is_not_of_its_kind_is_refused(string entry)
    {
        byte[] bytes = [.. SessionRecordCodec.Encode(new Session().State, Sample.Now), 0x6A, (byte)(entry.Length / 2), .. Convert.FromHexString(entry)];
        Assert.False(Try(bytes, entry));
    }

    private static bool Try(byte[] bytes, string what)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var record = SessionRecordCodec.Decode(bytes);
            if (record.State is { } state)
            {
                state.Deadline(record.LastAccess);
                var session = new Session { State = state, Verifier = state.Verifier };
                session.Commit(SessionChange.Append("list", default, 2), SessionChange.Increment("n"));
                SessionRecordCodec.Encode(session.State, record.LastAccess);
            }

            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Decoding {what} failed in another way: {Convert.ToHexString(bytes)}", exception);
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }
    }
}
