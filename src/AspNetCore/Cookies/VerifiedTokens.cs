using System.Runtime.InteropServices;

namespace ServerSession.AspNetCore;

/// <summary>
/// Caches tokens whose signature was right, with the hash of their verifier: a browser sends the same token with every request, and computing the signature and
/// the hash is a large part of a read's cost. A table of fixed size with two slots for each bucket, the newer token in the first.
/// </summary>
/// <remarks>
/// Only verified tokens are added, so requests without a valid token cannot evict an entry. The bucket is chosen by the public id alone and the secret is
/// compared in fixed time. Whether the key still verifies is asked each time.
/// </remarks>
internal sealed class VerifiedTokens
{
    /// <summary>At most about 2 MB: a slot holds a token of 68 characters and a hash.</summary>
    private const int Slots = 2 << BucketBits;
    private const int BucketBits = 12;

    /// <summary>Spreads the bits: 2^64 divided by the golden ratio.</summary>
    private const ulong Odd = 0x9E3779B97F4A7C15;

    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>As <c>SessionToken.Parse</c>, with the hash of the verifier. The token is null unless the status is <see cref="TokenStatus.Valid"/>.</summary>
    public TokenStatus Parse(ReadOnlySpan<char> text, TokenSigningKeyRing ring, DateTimeOffset now, out VerifiedToken? verified)
    {
        verified = null;
        if (text.Length != SessionToken.EncodedLength)
        {
            return TokenStatus.Invalid;
        }

        var recent = BucketOf(text);
        if (Find(recent, text, ring, now) is { } known)
        {
            verified = known;
            return TokenStatus.Valid;
        }

        var status = SessionToken.Parse(text, ring, now, out var token, out var key);
        if (status == TokenStatus.Valid)
        {
            var entry = new Entry(text.ToArray(), key!, token);
            Volatile.Write(ref _entries[recent + 1], Volatile.Read(ref _entries[recent]));
            Volatile.Write(ref _entries[recent], entry);
            verified = entry;
        }

        return status;
    }

    private Entry? Find(int bucket, ReadOnlySpan<char> text, TokenSigningKeyRing ring, DateTimeOffset now)
    {
        for (var slot = bucket; slot < bucket + 2; slot++)
        {
            if (Volatile.Read(ref _entries[slot]) is { } entry && entry.Is(text))
            {
                return ReferenceEquals(ring.Find(entry.Key.Id, now), entry.Key) ? entry : null;
            }
        }

        return null;
    }

    /// <summary>The first slot of a token's bucket. The characters from 4 on spell the id: eight of them are 48 random bits.</summary>
    private static int BucketOf(ReadOnlySpan<char> text)
    {
        var characters = MemoryMarshal.Cast<char, ulong>(text[4..12]);
        return 2 * (int)(((characters[0] ^ (characters[1] * Odd)) * Odd) >> (64 - BucketBits));
    }

    private sealed class Entry(char[] text, TokenSigningKey key, SessionToken token) : VerifiedToken(token, token.Verifier.Hash())
    {
        public TokenSigningKey Key => key;

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
