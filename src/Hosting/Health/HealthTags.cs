namespace ServerSession.Hosting;

/// <summary>The tags that decide which endpoint a health check belongs to.</summary>
public static class HealthTags
{
    /// <summary>A check with this tag must be healthy for <c>/health/ready</c>; <c>/health/live</c> runs no check at all.</summary>
    public const string Ready = "ready";
}
