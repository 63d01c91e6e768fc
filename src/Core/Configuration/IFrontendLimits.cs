namespace ServerSession.Core;

/// <summary>
/// The limits of the frontend in the same process, as its configuration and code say. A silo in the same process starts from them, so that limits that
/// an application sets once hold in both.
/// </summary>
public interface IFrontendLimits
{
    /// <summary>The limits; null where the frontend's options are wrong, which it reports itself.</summary>
    SessionLimits? Limits { get; }
}
