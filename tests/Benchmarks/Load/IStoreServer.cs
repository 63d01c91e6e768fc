namespace ServerSession.Benchmarks.Load;

/// <summary>The server of a store that speaks Redis' protocol, in a separate process.</summary>
internal interface IStoreServer : IAsyncDisposable
{
    int Port { get; }

    double ProcessorMicroseconds();
}
