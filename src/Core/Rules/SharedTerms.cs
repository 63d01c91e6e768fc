namespace ServerSession.Core;

/// <summary>Lets sessions with equal terms share one instance: a silo holds a great many sessions and few terms.</summary>
public static class SharedTerms
{
    private static SessionTerms _last = SessionTerms.Default;

    public static SessionTerms Of(SessionTerms terms)
    {
        var last = Volatile.Read(ref _last);
        if (last == terms)
        {
            return last;
        }

        Volatile.Write(ref _last, terms);
        return terms;
    }
}
