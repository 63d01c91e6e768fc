namespace ServerSession.Tests;

/// <summary>The connection of a frontend that a test opens and closes.</summary>
internal sealed class FakeConnection : IClusterConnection
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isOpen;

    public bool IsOpen => _isOpen;

    public Task Opened => _opened.Task;

    public void Open()
    {
        _isOpen = true;
        _opened.TrySetResult();
    }

    public void Close()
    {
        _isOpen = false;
        _opened.TrySetResult();
    }
}
