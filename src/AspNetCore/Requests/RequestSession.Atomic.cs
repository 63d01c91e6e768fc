namespace ServerSession;

internal sealed partial class RequestSession
{
    public async ValueTask<long> IncrementAsync(string key, long amount, CancellationToken cancellationToken)
    {
        _services.Values.CheckKey(key);
        return (await ApplyAsync(SessionChange.Increment(key, amount), creates: true, cancellationToken))!.Value.Number;
    }

    public async ValueTask<T> GetOrSetAsync<T>(string key, T value, CancellationToken cancellationToken)
    {
        _services.Values.CheckKey(key);
        var result = await ApplyAsync(SessionChange.GetOrSet(key, _services.Values.Serialize(value)), creates: true, cancellationToken);
        return result is { Applied: false, Value: { } present } ? _services.Values.Read<T>(present)! : value;
    }

    public async ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, CancellationToken cancellationToken)
    {
        _services.Values.CheckKey(key);
        var change = SessionChange.CompareAndSet(key, _services.Values.Serialize(expected), _services.Values.Serialize(value));
        return await ApplyAsync(change, creates: false, cancellationToken) is { Applied: true };
    }

    public async ValueTask<bool> TryAddAsync<T>(string key, T value, CancellationToken cancellationToken)
    {
        _services.Values.CheckKey(key);
        var change = SessionChange.CompareAndSet(key, null, _services.Values.Serialize(value));
        return await ApplyAsync(change, creates: true, cancellationToken) is { Applied: true };
    }

    public async ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, CancellationToken cancellationToken)
    {
        _services.Values.CheckKey(key);
        return await ApplyAsync(SessionChange.Take(key), creates: false, cancellationToken) is { Value: { } taken } ? (true, _services.Values.Read<T>(taken)) : (false, default);
    }

    public async ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, CancellationToken cancellationToken)
    {
        _services.Values.CheckKey(key);
        SessionValues.CheckMaximumItems(maximumItems);
        return (int)(await ApplyAsync(SessionChange.Append(key, _services.Values.Serialize(item), maximumItems), creates: true, cancellationToken))!.Value.Number;
    }
}
