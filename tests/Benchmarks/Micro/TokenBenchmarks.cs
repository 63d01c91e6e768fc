using BenchmarkDotNet.Attributes;

namespace ServerSession.Benchmarks.Micro;

/// <summary>What a token costs before any grain is called: for a request without a valid token, all that a request costs.</summary>
public class TokenBenchmarks
{
    private readonly TokenSigningKeyRing _ring = new([new TokenSigningKey(new byte[32], DateTimeOffset.MinValue, DateTimeOffset.MaxValue)]);
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly SessionVerifier _verifier = SessionVerifier.New();
    private readonly string _valid;
    private readonly string _forged;
    private readonly string _short;

    /// <summary>Makes the tokens.</summary>
    public TokenBenchmarks()
    {
        _valid = SessionToken.New().Encode(_ring.Keys[0]);
        _forged = string.Concat(_valid.AsSpan(0, 30), _valid[30] == 'A' ? "B" : "A", _valid.AsSpan(31));
        _short = _valid[..^1];
    }

    /// <summary>Decoding and the signature.</summary>
    [Benchmark]
    public TokenStatus ParseValid() => SessionToken.Parse(_valid, _ring, _now, out _);

    /// <summary>A token with one changed character.</summary>
    [Benchmark]
    public TokenStatus ParseForged() => SessionToken.Parse(_forged, _ring, _now, out _);

    /// <summary>A text of another length.</summary>
    [Benchmark]
    public TokenStatus ParseWrongLength() => SessionToken.Parse(_short, _ring, _now, out _);

    /// <summary>The hash that the grain compares.</summary>
    [Benchmark]
    public VerifierHash HashVerifier() => _verifier.Hash();

    /// <summary>A new token with its text.</summary>
    [Benchmark]
    public string NewToken() => SessionToken.New().Encode(_ring.Keys[0]);
}
