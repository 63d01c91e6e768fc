namespace ServerSession.AspNetCore;

/// <summary>What a response's gate asks of the session: the gate knows no more of it.</summary>
internal interface IGatedSession
{
    /// <summary>Whether the response has to wait for a commit.</summary>
    bool HasWork { get; }

    /// <summary>What a refusal tells the client to wait before it comes again.</summary>
    TimeSpan RetryAfter { get; }

    /// <summary>Commits what is buffered. Nothing to do is the usual case.</summary>
    ValueTask CommitAsync();

    /// <summary>The response is about to flow: what is known of it by now goes into its headers.</summary>
    void OnOpening();

    /// <summary>The response is refused: drops what is buffered, and counts.</summary>
    void OnRefused(int status, Exception exception);

    /// <summary>While callbacks of the application run for a refusal, every use of the session fails with its exception; then what they buffered is dropped.</summary>
    void BeginCallbacksOfRefusal(Exception refusal);

    /// <inheritdoc cref="BeginCallbacksOfRefusal"/>
    void EndCallbacksOfRefusal();

    /// <summary>Notes an exception of the application after its response was refused.</summary>
    void OnExceptionAfterRefusal(Exception exception);
}
