namespace ServerSession.LocalCluster;

/// <summary>What a member of a cluster is.</summary>
public enum MemberRole
{
    /// <summary>A process of src/Silo: it owns sessions.</summary>
    Silo,

    /// <summary>A process of src/WebHost: a frontend, which in a co-hosted cluster owns sessions too.</summary>
    WebHost,
}
