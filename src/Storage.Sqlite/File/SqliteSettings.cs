namespace ServerSession.Storage;

/// <summary>What a file is opened with: the options that all providers on one file must agree on, with the path made absolute.</summary>
internal sealed record SqliteSettings(
    string Path, TimeSpan LockTimeout, int MaxBatchSize, int CheckpointPages, int MaxIdleReaders, bool CheckAtStart, int? MaxPageCount)
{
    public static SqliteSettings From(SqliteGrainStorageOptions options, string? baseFolder)
    {
        var path = System.IO.Path.GetFullPath(options.Path!, baseFolder ?? Environment.CurrentDirectory);

        // The owner's lock lies beside the file itself, so a link to the file must lead to the same lock.
        if (new FileInfo(path) is { LinkTarget: not null } link && link.ResolveLinkTarget(returnFinalTarget: true) is { } target)
        {
            path = target.FullName;
        }

        return new(path, options.LockTimeout, options.MaxBatchSize, options.CheckpointPages, options.MaxIdleReaders,
            options.CheckAtStart, options.MaxPageCount);
    }
}
