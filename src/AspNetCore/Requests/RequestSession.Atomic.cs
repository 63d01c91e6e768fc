namespace ServerSession;

internal sealed partial class RequestSession
{
    public async ValueTask<long> IncrementAsync(string key, long amount, CancellationToken cancellationToken)
    {
        CheckKey(key);
        return (await ApplyAsync(SessionChange.Increment(key, amount), creates: true, cancellationToken))!.Value.Number;
    }

    public async ValueTask<T> GetOrSetAsync<T>(string key, T value, CancellationToken cancellationToken)
    {
        CheckKey(key);
        var result = await ApplyAsync(SessionChange.GetOrSet(key, Serialize(value)), creates: true, cancellationToken);
        return result is { Applied: false, Value: { } present } ? Read<T>(present)! : value;
    }

    public async ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, CancellationToken cancellationToken)
    {
        CheckKey(key);
        var change = SessionChange.CompareAndSet(key, Serialize(expected), Serialize(value));
        return await ApplyAsync(change, creates: false, cancellationToken) is { Applied: true };
    }

    public async ValueTask<bool> TryAddAsync<T>(string key, T value, CancellationToken cancellationToken)
    {
        CheckKey(key);
        var change = SessionChange.CompareAndSet(key, null, Serialize(value));
        return await ApplyAsync(change, creates: true, cancellationToken) is { Applied: true };
    }

    public async ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, CancellationToken cancellationToken)
    {
        CheckKey(key);
        return await ApplyAsync(SessionChange.Take(key), creates: false, cancellationToken) is { Value: { } taken } ? (true, Read<T>(taken)) : (false, default);
    }

    public async ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, CancellationToken cancellationToken)
    {
        CheckKey(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumItems, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maximumItems, Core.SessionList.MaximumItems);
        return (int)(await ApplyAsync(SessionChange.Append(key, Serialize(item), maximumItems), creates: true, cancellationToken))!.Value.Number;
    }
}
