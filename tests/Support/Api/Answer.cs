using System.Net;

namespace ServerSession.Tests.Api;

/// <summary>What came back from one request.</summary>
/// <param name="Status">The status; null where the connection broke before the whole answer was there.</param>
/// <param name="Text">The body, or what broke.</param>
/// <param name="Cookie">The session cookie that the answer set, as <c>name=value</c>; null where it set none.</param>
public readonly record struct Answer(HttpStatusCode? Status, string Text, string? Cookie)
{
    /// <summary>How long the answer asks to wait before a repeat; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Nobody was told whether the change happened: it may have or not, but not by half.</summary>
    public bool IsInDoubt => Status is null or HttpStatusCode.ServiceUnavailable;

    public override string ToString() => $"{(int?)Status} {Text}";
}
