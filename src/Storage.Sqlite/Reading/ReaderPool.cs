using System.Collections.Concurrent;

namespace ServerSession.Storage;

/// <summary>
/// Connections for reading. A read runs on the caller's thread: a grain's turn is on the thread pool already, the read takes
/// microseconds when the page is in memory, and handing it to another pool thread would cost more and block that one instead.
/// The write-ahead log lets readers run beside the writer, and each read sees every commit before it.
/// </summary>
internal sealed class ReaderPool(SqliteSettings settings)
{
    private readonly ConcurrentStack<Reader> _idle = new();
    private int _idleCount;
    private bool _closed;

    public Reader Rent()
    {
        if (_idle.TryPop(out var reader))
        {
            Interlocked.Decrement(ref _idleCount);
            return reader;
        }

        return new(settings.Path);
    }

    public void Return(Reader reader)
    {
        if (Volatile.Read(ref _closed) || Interlocked.Increment(ref _idleCount) > settings.MaxIdleReaders)
        {
            Interlocked.Decrement(ref _idleCount);
            reader.Dispose();
            return;
        }

        _idle.Push(reader);

        // The pool may have been closed between the look and the push; then nobody else would come for this one.
        if (Volatile.Read(ref _closed))
        {
            Close();
        }
    }

    public void Close()
    {
        Volatile.Write(ref _closed, true);
        while (_idle.TryPop(out var reader))
        {
            reader.Dispose();
        }
    }
}
