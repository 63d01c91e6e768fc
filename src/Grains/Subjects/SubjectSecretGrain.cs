using System.Security.Cryptography;
using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Grains;

/// <summary>Keeps the secret of the cluster in the session storage. It is stored before anybody learns it.</summary>
[GrainType("session-subject-secret")]
internal sealed class SubjectSecretGrain(IGrainContext context, SessionStorage storage, ISiloFence fence) : IGrainBase, ISubjectSecretGrain
{
    private const string State = "subject-secret";
    private const byte Version = 1;

    private SubjectSecret? _secret;

    public IGrainContext GrainContext => context;

    public async ValueTask<SubjectSecret> GetAsync()
    {
        fence.ThrowIfStale();
        if (_secret is not null)
        {
            return _secret;
        }

        if (await storage.ReadAsync(State, context.GrainId) is { } row)
        {
            return _secret = Decode(row.Bytes);
        }

        var secret = new SubjectSecret(RandomNumberGenerator.GetBytes(SubjectSecret.Size));
        try
        {
            await storage.WriteAsync(State, context.GrainId, [Version, .. secret.Export()], null);
            return _secret = secret;
        }
        catch (InconsistentStateException)
        {
            throw new SessionUnavailableException("Another activation made the subject secret; ask again.");
        }
    }

    private static SubjectSecret Decode(byte[] bytes) => bytes.Length == SubjectSecret.Size + 1 && bytes[0] == Version
        ? new SubjectSecret(bytes.AsSpan(1))
        : throw new SessionUnavailableException("The stored subject secret has an unknown format. Update this silo, or restore the row.");
}
