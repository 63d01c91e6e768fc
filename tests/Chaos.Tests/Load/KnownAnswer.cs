namespace ServerSession.Tests;

/// <summary>Requests whose answer has to be known. One that is refused for the moment, or broken, is made again: the last failover may not be over yet.</summary>
internal static class KnownAnswer
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>The first answer that leaves no doubt; one that does where none came in time.</summary>
    public static async Task<Answer> OfAsync(Func<Task<Answer>> request)
    {
        var began = TimeProvider.System.GetTimestamp();
        Answer answer;
        while ((answer = await request()).IsInDoubt && TimeProvider.System.GetElapsedTime(began) < Eventually.Patience)
        {
            await Task.Delay(Pause);
        }

        return answer;
    }

    /// <summary>The cookie of a session that is made with one value. A cluster that has just started on a busy machine may refuse at first.</summary>
    public static async Task<string> CookieOfNewAsync(Frontends frontends, string key, string value)
    {
        var answer = await OfAsync(() => frontends.WriteAsync(null, key, value));
        return answer.Cookie ?? throw new InvalidOperationException($"No session could be made: {answer}.");
    }
}
