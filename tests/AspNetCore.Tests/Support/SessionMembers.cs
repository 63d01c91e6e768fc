using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>Every member of the handles of a request, each as a call that an application could make.</summary>
internal static class SessionMembers
{
    public static IReadOnlyDictionary<string, Func<IServerSession, Task>> OfServerSession { get; } = new Dictionary<string, Func<IServerSession, Task>>
    {
        ["Id"] = static session => Task.FromResult(session.Id),
        ["CreatedAt"] = static session => Task.FromResult(session.CreatedAt),
        ["ExpiresAt"] = static session => Task.FromResult(session.ExpiresAt),
        ["Remaining"] = static session => Task.FromResult(session.Remaining),
        ["IsDegraded"] = static session => Task.FromResult(session.IsDegraded),
        ["Ended"] = static session => Task.FromResult(session.Ended),
        ["ExistsAsync"] = static async session => await session.ExistsAsync(),
        ["GetKeysAsync"] = static async session => await session.GetKeysAsync(),
        ["ContainsAsync"] = static async session => await session.ContainsAsync("a"),
        ["GetAsync"] = static async session => await session.GetAsync<string>("a"),
        ["TryGetAsync"] = static async session => await session.TryGetAsync<string>("a"),
        ["GetListAsync"] = static async session => await session.GetListAsync<string>("list"),
        ["Set"] = static session => Run(() => session.Set("a", "stranger")),
        ["Remove"] = static session => Run(() => session.Remove("a")),
        ["Clear"] = static session => Run(session.Clear),
        ["IncrementAsync"] = static async session => await session.IncrementAsync("n"),
        ["GetOrSetAsync"] = static async session => await session.GetOrSetAsync("b", "stranger"),
        ["CompareAndSetAsync"] = static async session => await session.CompareAndSetAsync("a", "one", "stranger"),
        ["TryAddAsync"] = static async session => await session.TryAddAsync("b", "stranger"),
        ["TakeAsync"] = static async session => await session.TakeAsync<string>("a"),
        ["AppendAsync"] = static async session => await session.AppendAsync("list", "stranger", 3),
        ["RotateAsync"] = static async session => await session.RotateAsync(),
        ["BindToAsync"] = static async session => await session.BindToAsync("ada"),
        ["UnbindAsync"] = static async session => await session.UnbindAsync(),
        ["IsBound"] = static session => Task.FromResult(session.IsBound),
        ["SetTerms"] = static session => Run(() => session.SetTerms(SessionTerms.Default)),
        ["DestroyAsync"] = static async session => await session.DestroyAsync(),
        ["FlushAsync"] = static async session => await session.FlushAsync(),
        ["CreateBackgroundSessionAsync"] = static async session => await session.CreateBackgroundSessionAsync(),
    };

    public static IReadOnlyDictionary<string, Func<ISession, Task>> OfSession { get; } = new Dictionary<string, Func<ISession, Task>>
    {
        ["IsAvailable"] = static session => Task.FromResult(session.IsAvailable),
        ["Id"] = static session => Task.FromResult(session.Id),
        ["Keys"] = static session => Task.FromResult(session.Keys.Count()),
        ["LoadAsync"] = static session => session.LoadAsync(),
        ["CommitAsync"] = static session => session.CommitAsync(),
        ["TryGetValue"] = static session => Task.FromResult(session.TryGetValue("a", out _)),
        ["Set"] = static session => Run(() => session.SetString("a", "stranger")),
        ["Remove"] = static session => Run(() => session.Remove("a")),
        ["Clear"] = static session => Run(session.Clear),
    };

    private static Task Run(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
