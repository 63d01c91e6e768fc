using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ServerSession.AspNetCore;

/// <summary>Response headers whose Cache-Control stays no-store.</summary>
internal sealed class NoStoreHeaders(HttpContext context, IHeaderDictionary inner, ResponseWarnings? warnings) : IHeaderDictionary
{
    public long? ContentLength
    {
        get => inner.ContentLength;
        set => inner.ContentLength = value;
    }

    public ICollection<string> Keys => inner.Keys;

    public ICollection<StringValues> Values => inner.Values;

    public int Count => inner.Count;

    public bool IsReadOnly => inner.IsReadOnly;

    public StringValues this[string key]
    {
        get => inner[key];
        set
        {
            if (MayWrite(key, value))
            {
                inner[key] = value;
            }
        }
    }

    public void Add(string key, StringValues value)
    {
        if (MayWrite(key, value))
        {
            ((IDictionary<string, StringValues>)inner).Add(key, value);
        }
    }

    public void Add(KeyValuePair<string, StringValues> item) => Add(item.Key, item.Value);

    public bool Remove(string key) => !IsCacheControl(key) && inner.Remove(key);

    public bool Remove(KeyValuePair<string, StringValues> item) => !IsCacheControl(item.Key) && inner.Remove(item);

    public void Clear()
    {
        var cacheControl = inner.CacheControl;
        inner.Clear();
        inner.CacheControl = cacheControl;
    }

    public bool ContainsKey(string key) => inner.ContainsKey(key);

    public bool Contains(KeyValuePair<string, StringValues> item) => inner.Contains(item);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out StringValues value) => inner.TryGetValue(key, out value);

    public void CopyTo(KeyValuePair<string, StringValues>[] array, int arrayIndex) => inner.CopyTo(array, arrayIndex);

    public IEnumerator<KeyValuePair<string, StringValues>> GetEnumerator() => inner.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool IsCacheControl(string key) => key.Equals(HeaderNames.CacheControl, StringComparison.OrdinalIgnoreCase);

    private bool MayWrite(string key, StringValues value)
    {
        if (IsCacheControl(key))
        {
            if (CacheRules.Forbids(value))
            {
                return true;
            }

            if (value.Count > 0)
            {
                warnings?.StorableAnswer(context, value.ToString());
            }

            return false;
        }

        return !CacheRules.IsTargeted(key) && !key.Equals(HeaderNames.Expires, StringComparison.OrdinalIgnoreCase);
    }
}
