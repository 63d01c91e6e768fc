namespace ServerSession.Grains;

/// <summary>Registers the id of a session that no frontend has reserved, before its row is written.</summary>
internal interface IExpiryRegistration
{
    /// <exception cref="SessionUnavailableException">It is not known to be registered; no row may be written.</exception>
    Task RegisterAsync(SessionId id);

    /// <summary>Registers the list of a subject, before its row is written.</summary>
    /// <exception cref="SessionUnavailableException">It is not known to be registered; no row may be written.</exception>
    Task RegisterAsync(SubjectKey subject);
}
