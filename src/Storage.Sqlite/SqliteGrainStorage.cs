using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace ServerSession.Storage;

/// <summary>
/// Grain storage in one SQLite file of this machine. A write or clear is acknowledged when it is on the disk; those that wait
/// together share one flush. Every write and clear states what it expects: no ETag means that there is no row, an ETag
/// means the row that has it; anything else is an <see cref="InconsistentStateException"/>. A clear deletes the row. ETags
/// never come back, also not for a row that was deleted and inserted again.
/// </summary>
/// <remarks>
/// A failing disk is a <see cref="SqliteGrainStorageException"/>, after which the write is in doubt. A call that is cancelled before it ends
/// is in doubt as well, and does not touch the caller's state any more.
/// </remarks>
public sealed class SqliteGrainStorage : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable, IDisposable
{
    private const int ListedAtOnce = 512;

    private readonly string _name;
    private readonly SqliteSettings _settings;
    private readonly int _initStage;
    private readonly IGrainStorageSerializer _serializer;
    private readonly IActivatorProvider _activators;
    private readonly SqliteFiles _files;
    private SqliteFile? _file;
    private Task _closed = Task.CompletedTask;

    internal SqliteGrainStorage(string name, SqliteSettings settings, int initStage, IGrainStorageSerializer serializer, IActivatorProvider activators, SqliteFiles files)
    {
        _name = name;
        _settings = settings;
        _initStage = initStage;
        _serializer = serializer;
        _activators = activators;
        _files = files;
    }

    /// <summary>Gets the open file, so that tests can count its transactions.</summary>
    internal SqliteFile OpenFile => Volatile.Read(ref _file) ?? throw SqliteErrors.NotOpen(_name);

    /// <summary>
    /// Gets why the store serves nothing any more: a file of it was removed or replaced while it was open, which is noticed within a second.
    /// Meant for a health check; the silo should then get no traffic.
    /// </summary>
    /// <value>The sentence that names the file and the fix; null while the store works, before it is opened and after it was closed.</value>
    public string? Failure => Volatile.Read(ref _file)?.Failure;

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        try
        {
            if (WithReader(static (reader, key) => reader.Read(key), new RowKey(stateName, grainId)) is { } row)
            {
                grainState.State = _serializer.Deserialize<T>(new BinaryData(row.Value))!;
                grainState.ETag = Etag.Format(row.Etag);
                grainState.RecordExists = true;
            }
            else
            {
                grainState.State = NewState<T>()!;
                grainState.ETag = null;
                grainState.RecordExists = false;
            }

            return Task.CompletedTask;
        }
        catch (Exception error)
        {
            return Task.FromException(error);
        }
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        try
        {
            var value = _serializer.Serialize(grainState.State).ToMemory();
            var kind = grainState.ETag is null ? WriteKind.Insert : WriteKind.Update;
            return Send(kind, new(stateName, grainId), value, grainState, default, cancellationToken);
        }
        catch (Exception error)
        {
            return Task.FromException(error);
        }
    }

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        try
        {
            // The fresh state is made here, because the application's constructor must not run on the writer's thread.
            var kind = grainState.ETag is null ? WriteKind.ExpectNone : WriteKind.Delete;
            return Send(kind, new(stateName, grainId), default, grainState, NewState<T>(), cancellationToken);
        }
        catch (Exception error)
        {
            return Task.FromException(error);
        }
    }

    /// <summary>Counts the rows of the file, those of other providers on it included. It reads the whole index: meant for tests and tools.</summary>
    /// <returns>The number of rows.</returns>
    /// <exception cref="SqliteGrainStorageException">The file is not open or cannot be read.</exception>
    public Task<long> CountAsync()
    {
        try
        {
            return Task.FromResult(WithReader(static (reader, _) => reader.Count(), default(RowKey)));
        }
        catch (Exception error)
        {
            return Task.FromException<long>(error);
        }
    }

    /// <summary>Lists the grains that have a state of a name. It reads the whole table in parts, and not as of one moment: a row that comes or goes meanwhile may be listed or not.</summary>
    /// <exception cref="SqliteGrainStorageException">The file is not open or cannot be read.</exception>
    internal async IAsyncEnumerable<GrainId> ListAsync(string stateName, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long? after = 0; after is { } from;)
        {
            // Off the caller's thread for a moment: between two parts other work runs.
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            (var grains, after) = WithReader((reader, _) => reader.List(stateName, from, ListedAtOnce), default(RowKey));
            foreach (var grain in grains)
            {
                yield return grain;
            }
        }
    }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        observer.Subscribe(OptionFormattingUtilities.Name<SqliteGrainStorage>(_name), _initStage, OpenAsync, stop => CloseAsync().WaitAsync(stop));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    /// <summary>Closes the file; <see cref="DisposeAsync"/> does the same without holding a thread.</summary>
    public void Dispose() => CloseAsync().GetAwaiter().GetResult();

    internal static SqliteGrainStorage Create(IServiceProvider services, string name)
    {
        var options = services.GetRequiredService<IOptionsMonitor<SqliteGrainStorageOptions>>().Get(name);

        // The silo may make its storages before it runs the validators; the first to look says what is wrong.
        new SqliteGrainStorageOptionsValidator(options, name).ValidateConfiguration();
        var settings = SqliteSettings.From(options, services.GetService<IHostEnvironment>()?.ContentRootPath);
        return new(name, settings, options.InitStage, options.GrainStorageSerializer,
            services.GetRequiredService<IActivatorProvider>(), services.GetRequiredService<SqliteFiles>());
    }

    internal async Task OpenAsync(CancellationToken cancellationToken) =>
        Volatile.Write(ref _file, await _files.OpenAsync(_name, _settings, cancellationToken));

    // A stop that ran out of time leaves the close running; disposal then waits for that same close.
    internal Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _file, null) is { } file)
        {
            _closed = _files.CloseAsync(file);
        }

        return _closed;
    }

    private Task Send<T>(WriteKind kind, RowKey key, ReadOnlyMemory<byte> value, IGrainState<T> state, T? cleared, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        var expected = 0L;
        if (state.ETag is { } etag && !Etag.TryParse(etag, out expected))
        {
            return Task.FromException(WriteRequest.Conflict(key, null, etag));
        }

        var request = new WriteRequest<T>(kind, key, expected, value, state, cleared);
        var writer = OpenFile.Writer;
        request.CancelWith(cancellationToken);
        writer.Enqueue(request);
        return request.Task;
    }

    private TResult WithReader<TResult>(Func<Reader, RowKey, TResult> read, RowKey key)
    {
        var file = OpenFile;
        file.ThrowIfLost();
        Reader? reader = null;
        try
        {
            reader = file.Readers.Rent();
            var result = read(reader, key);
            file.Readers.Return(reader);
            return result;
        }
        catch (Exception error)
        {
            // A connection that failed is not used again.
            reader?.Dispose();
            throw SqliteErrors.Explain(file.Settings.Path, error);
        }
    }

    private T? NewState<T>() => typeof(T).IsArray || typeof(T) == typeof(string) ? default : _activators.GetActivator<T>().Create();
}
