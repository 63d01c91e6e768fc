namespace ServerSession.Tests;

/// <summary>Waits for what a test expects to happen, and says what it was where it does not.</summary>
internal static class Phase
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static async Task WithinLimit(this Task task, string phase)
    {
        try
        {
            await task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"This did not happen within {Limit}: {phase}.");
        }
    }

    public static async Task<T> WithinLimit<T>(this Task<T> task, string phase)
    {
        await ((Task)task).WithinLimit(phase);
        return await task;
    }
}
