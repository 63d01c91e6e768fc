namespace ServerSession.Grains;

/// <summary>The owner of an entry, which is called when the entry is due.</summary>
internal interface IExpiring
{
    /// <summary>Looks at the deadline, in a turn of its grain. Called on any thread; the grain may be gone by then.</summary>
    Task ExpireIfDueAsync();
}

/// <summary>A node of a ring; alone it is a separate ring.</summary>
internal class RingNode
{
    public RingNode() => Previous = Next = this;

    public RingNode Previous { get; private set; }

    public RingNode Next { get; private set; }

    /// <summary>Takes the node out of its ring and puts it at the end of the one that begins with <paramref name="head"/>.</summary>
    public void MoveTo(RingNode head)
    {
        Previous.Next = Next;
        Next.Previous = Previous;
        Previous = head.Previous;
        Next = head;
        Previous.Next = head.Previous = this;
    }

    public void Leave()
    {
        Previous.Next = Next;
        Next.Previous = Previous;
        Previous = Next = this;
    }
}

/// <summary>What one armed deadline costs: 48 bytes. Its state is the wheel's own.</summary>
internal sealed class ExpiryEntry(IExpiring owner) : RingNode
{
    public IExpiring Owner => owner;

    /// <summary>The tick that it is due at.</summary>
    public int Tick { get; set; }

    public ExpiryStage Stage { get; set; }
}

internal enum ExpiryStage : byte
{
    /// <summary>Not in the wheel.</summary>
    Off,

    /// <summary>In a slot, or due and waiting for its call.</summary>
    On,

    /// <summary>Its owner is being called.</summary>
    Called,
}
