using Microsoft.AspNetCore.Http;

namespace ServerSession.AspNetCore;

/// <summary>Binds tickets to their users.</summary>
internal sealed class TicketSubjects(IServerSessionSubjects subjects)
{
    private volatile bool _isUnsupported;

    /// <summary>What binds a ticket to a user; null where the ticket names none, or the sessions are in a store that keeps no lists.</summary>
    public async ValueTask<SubjectChange?> BindAsync(string? subject, HttpContext? context, ServerSessionTicketOptions options)
    {
        if (string.IsNullOrEmpty(subject) || _isUnsupported)
        {
            return null;
        }

        try
        {
            var label = context is null ? null : options.Label?.Invoke(context);
            return await subjects.ToChangeAsync(
                subject, label?.Length > SubjectChange.LongestLabel ? label[..SubjectChange.LongestLabel] : label, CancellationToken.None).ConfigureAwait(false);
        }
        catch (NotSupportedException)
        {
            _isUnsupported = true;
            return null;
        }
    }
}
