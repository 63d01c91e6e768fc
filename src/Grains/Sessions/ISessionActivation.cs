using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>What a session asks of the activation that it lives in: the only things of Orleans' runtime that it needs.</summary>
internal interface ISessionActivation : IExpiring
{
    GrainId GrainId { get; }

    SessionId Id => SessionId.FromGrainKey(GrainId.GetGuidKey());

    /// <summary>What all sessions of the silo share.</summary>
    SessionGrainServices Services { get; }

    /// <summary>Keeps the activation in memory for a time although nobody calls it; zero takes that back.</summary>
    void DelayDeactivation(TimeSpan time);

    /// <summary>Deactivates as soon as nothing runs.</summary>
    void DeactivateWhenIdle();

    /// <summary>Deactivates because the activation does not know what is stored.</summary>
    void DeactivateInDoubt();

    /// <summary>Calls <see cref="SessionUpkeep.FlushAsync"/> once after a time, unless the result is disposed of before.</summary>
    IDisposable StartFlushTimer(TimeSpan due);
}
