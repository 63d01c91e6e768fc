using System.Runtime.InteropServices;

namespace ServerSession;

/// <summary>
/// Remembers tokens whose shield was right, with the hash of their verifier: a browser sends the same one again and again, and the two
/// hashes took a third of what a read costs. A table of fixed size; an entry lasts until another token takes its slot.
/// </summary>
/// <remarks>
/// Only tokens that were verified get in, so strangers cannot push anybody out. The slot is chosen by the public id alone and the secret is
/// compared in fixed time. Whether the key still verifies is asked each time.
/// </remarks>
internal sealed class VerifiedTokens
{
    /// <summary>At most about 2 MB: a slot holds a token of 68 characters and a hash.</summary>
    private const int Slots = 8192;

    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>As <c>SessionToken.Parse</c>, with the hash of the verifier.</summary>
    public TokenStatus Parse(ReadOnlySpan<char> text, ShieldKeyRing ring, DateTimeOffset now, out SessionToken token, out VerifierHash verifier)
    {
        token = default;
        verifier = default;
        if (text.Length != SessionToken.EncodedLength)
        {
            return TokenStatus.Invalid;
        }

        ref var slot = ref _entries[SlotOf(text)];
        if (Volatile.Read(ref slot) is { } entry && entry.Is(text) && ReferenceEquals(ring.Find(entry.Key.Id, now), entry.Key))
        {
            token = entry.Token;
            verifier = entry.Verifier;
            return TokenStatus.Valid;
        }

        var status = SessionToken.Parse(text, ring, now, out token, out var key);
        if (status == TokenStatus.Valid)
        {
            verifier = token.Verifier.Hash();
            Volatile.Write(ref slot, new Entry(text.ToArray(), key!, token, verifier));
        }

        return status;
    }

    /// <summary>The characters from 4 on spell the id: eight of them are 48 random bits.</summary>
    private static int SlotOf(ReadOnlySpan<char> text)
    {
        var characters = MemoryMarshal.Cast<char, ulong>(text[4..12]);
        return (int)(((characters[0] ^ (characters[1] * 0x9E3779B97F4A7C15)) * 0x9E3779B97F4A7C15) >> (64 - 13));
    }

    private sealed class Entry(char[] text, ShieldKey key, SessionToken token, VerifierHash verifier)
    {
        public ShieldKey Key => key;

        public SessionToken Token => token;

        public VerifierHash Verifier => verifier;

        /// <summary>Compares in a time that does not depend on where they differ: every word is read, and none decides alone.</summary>
        public bool Is(ReadOnlySpan<char> other)
        {
            var mine = MemoryMarshal.Cast<char, ulong>(text);
            var theirs = MemoryMarshal.Cast<char, ulong>(other);
            var difference = 0UL;
            for (var word = 0; word < mine.Length; word++)
            {
                difference |= mine[word] ^ theirs[word];
            }

            return difference == 0;
        }
    }
}
