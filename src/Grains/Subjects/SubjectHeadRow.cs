using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>The head row of a list: read once, registered for the clean-up before it is there, and gone with the last entry.</summary>
internal sealed class SubjectHeadRow(SessionStorage storage, IExpiryRegistration registration, GrainId id)
{
    public const string State = "subject";

    private string? _etag;
    private bool _isLoaded;

    /// <summary>What the row holds, or is to hold.</summary>
    public SubjectHead Head { get; private set; } = new();

    /// <summary>Whether there is a row.</summary>
    public bool Exists => _etag is not null;

    /// <summary>Reads the row, once.</summary>
    /// <param name="segments">The rows beside it, of which one may have been written and not listed.</param>
    public async ValueTask LoadAsync(SubjectSegments segments)
    {
        if (_isLoaded)
        {
            return;
        }

        if (await storage.ReadAsync(State, id) is { } row)
        {
            Head = SubjectCodec.DecodeHead(row.Bytes);
            _etag = row.ETag;
            if (Head.Sealing != 0)
            {
                await DropUnlistedAsync(segments);
            }
        }

        _isLoaded = true;
    }

    /// <summary>Writes the row, or deletes it where no entry is left.</summary>
    public async ValueTask WriteAsync()
    {
        if (Head.IsEmpty && Head.Sealing == 0)
        {
            // Without entries no session is bound, so nobody asks for the epoch any more.
            if (_etag is not null)
            {
                await storage.ClearAsync(State, id, _etag);
                _etag = null;
            }

            Head = new SubjectHead { LastNumber = Head.LastNumber };
            return;
        }

        if (_etag is null)
        {
            await registration.RegisterAsync(SubjectKey.FromGrainKey(id.GetGuidKey()));
        }

        _etag = await storage.WriteAsync(State, id, SubjectCodec.EncodeHead(Head), _etag);
    }

    /// <summary>Deletes a segment that a process wrote, or was about to write, and did not list. Its entries are in the head still.</summary>
    private async ValueTask DropUnlistedAsync(SubjectSegments segments)
    {
        await segments.DeleteAsync(Head.Sealing);
        Head.Sealing = 0;
        await WriteAsync();
    }
}
