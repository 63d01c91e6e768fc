namespace ServerSession.Grains;

/// <summary>A segment whose pages are being looked at, one after the other.</summary>
internal sealed class SegmentInWork(ExpirySegment entry, List<ExpiryPage> pages, string? etag, Guid? run)
{
    private int _taken;

    public ExpirySegment Entry => entry;

    public List<ExpiryPage> Pages => pages;

    public string? ETag { get; set; } = etag;

    /// <summary>The run that will have looked at all of the segment.</summary>
    public Guid? Run { get; set; } = run;

    public bool IsDirty { get; set; }

    /// <summary>The next page; null after the last.</summary>
    public ExpiryPage? Take() => _taken < pages.Count ? pages[_taken++] : null;

    /// <summary>Puts in place what is left of a page that was taken; null removes it.</summary>
    public void Replace(int place, ExpiryPage? page)
    {
        IsDirty = true;
        if (page is not null)
        {
            pages[place] = page;
        }
        else
        {
            pages.RemoveAt(place);
            _taken -= place < _taken ? 1 : 0;
        }
    }
}
