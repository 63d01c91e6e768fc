using System.Security.Cryptography;

namespace ServerSession.Grains;

/// <summary>When signing keys are made, sign and retire.</summary>
internal static class SigningKeyRotation
{
    /// <summary>How long a new key waits before it signs: every frontend asks for the ring more often than that.</summary>
    public static readonly TimeSpan LearnTime = TimeSpan.FromMinutes(15);

    /// <summary>The ring that is due, or the same one.</summary>
    public static TokenSigningKeyRing Next(TokenSigningKeyRing? ring, DateTimeOffset now, TimeSpan period)
    {
        var keys = ring?.Keys.Where(key => key.VerifiesUntil > now).ToList() ?? [];
        if (keys.Count == 0)
        {
            return new TokenSigningKeyRing([NewKey(now, [])]);
        }

        var newest = keys.MaxBy(static key => key.SignsFrom)!;
        if (newest.SignsFrom + period <= now)
        {
            var signsFrom = now + LearnTime;
            keys[keys.IndexOf(newest)] = new TokenSigningKey(newest.ExportSecret(), newest.SignsFrom, signsFrom + SessionTerms.MaximumTime);
            keys.Add(NewKey(signsFrom, keys));
        }

        return keys.SequenceEqual(ring!.Keys) ? ring : new TokenSigningKeyRing(keys);
    }

    private static TokenSigningKey NewKey(DateTimeOffset signsFrom, IReadOnlyList<TokenSigningKey> others)
    {
        while (true)
        {
            var key = new TokenSigningKey(RandomNumberGenerator.GetBytes(TokenSigningKey.MinimumSecretBytes), signsFrom, DateTimeOffset.MaxValue);
            if (others.All(other => other.Id != key.Id))
            {
                return key;
            }
        }
    }
}
