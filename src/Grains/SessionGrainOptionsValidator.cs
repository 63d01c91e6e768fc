using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>Refuses, at the silo's start, wrong options and a storage that cannot keep sessions: all faults in one message, each with the fix.</summary>
internal sealed class SessionGrainOptionsValidator(
    IServiceProvider services,
    IOptions<SessionGrainOptions> sessions,
    IOptions<GrainCollectionOptions> collection,
    IOptions<ClusterMembershipOptions> membership) : IConfigurationValidator
{
    public void ValidateConfiguration()
    {
        List<string> faults = [.. Faults(sessions.Value, collection.Value, membership.Value)];
        if (SessionStorageCheck.Fault(services) is { } storage)
        {
            faults.Add(storage);
        }

        if (faults.Count == 1)
        {
            throw new OrleansConfigurationException(faults[0]);
        }

        if (faults.Count > 0)
        {
            throw new OrleansConfigurationException($"The session options cannot be used:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
        }
    }

    public static IReadOnlyList<string> Faults(
        SessionGrainOptions options, GrainCollectionOptions collection, ClusterMembershipOptions membership)
    {
        var faults = new List<string>(options.ConfigurationFaults);
        foreach (var fault in options.Limits.Validate())
        {
            faults.Add($"ServerSession:Limits:{fault}");
        }

        SettingChecks.Between(faults, nameof(options.OperationWindow), options.OperationWindow, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10));
        SettingChecks.Between(faults, nameof(options.StorageTimeout), options.StorageTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        SettingChecks.Between(faults, nameof(options.RotationGrace), options.RotationGrace, TimeSpan.Zero, TimeSpan.FromHours(1));
        SettingChecks.Between(faults, nameof(options.SigningKeyRotation), options.SigningKeyRotation, TimeSpan.FromHours(1), TimeSpan.FromDays(365));
        SettingChecks.Between(faults, "Expiry:Interval", options.Expiry.Interval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        SettingChecks.Between(faults, "Expiry:ReservationTime", options.Expiry.ReservationTime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        SettingChecks.Between(faults, "Expiry:RowsPerSecond", options.Expiry.RowsPerSecond, 50, 1_000_000);
        SettingChecks.Between(faults, nameof(options.TouchFraction), options.TouchFraction, 0.01, 0.9);
        if (options.CollectionAge <= collection.CollectionQuantum || options.CollectionAge > TimeSpan.FromDays(1))
        {
            faults.Add($"ServerSession:CollectionAge is {options.CollectionAge}; it must be longer than Orleans' collection quantum " +
                $"({collection.CollectionQuantum}) and at most one day. Raise it, or lower GrainCollectionOptions.CollectionQuantum.");
        }

        if (options.AllowVolatile && collection.EnableActivationSheddingOnMemoryPressure)
        {
            faults.Add("ServerSession:AllowVolatile is true while GrainCollectionOptions.EnableActivationSheddingOnMemoryPressure is on, which " +
                "would drop volatile sessions. Set ServerSession:AllowVolatile to false, or turn the shedding off.");
        }

        var deathTime = FailureDetection.ShortestDeathTime(membership);
        if (options.FenceAge is { } age && (age < TimeSpan.FromMilliseconds(100) || age >= deathTime))
        {
            faults.Add($"ServerSession:FenceAge is {age}; it must be at least 100 milliseconds and shorter than the time to declare a silo dead " +
                $"({deathTime}, from ClusterMembershipOptions.MinProbeTimeout and NumMissedProbesLimit).");
        }

        return faults;
    }
}
