using System.Data.Common;
using System.Globalization;

namespace ServerSession.Grains;

/// <summary>
/// Shortens the time-outs of the official providers, where they still have the provider's own defaults. <see cref="SessionStorage"/> bounds every call
/// anyway; these keep calls that nobody waits for any more from holding connections, and bring the connection back soon after the server.
/// </summary>
internal static class ProviderTimeouts
{
    // The defaults of StackExchange.Redis, in milliseconds.
    private const int RedisTimeout = 5000;
    private const int RedisConnectTimeout = 5000;

    private const int AzureRetries = 5;
    private static readonly TimeSpan AzureRetryPause = TimeSpan.FromSeconds(0.8);

    public static void Apply(object options, TimeSpan storageTimeout)
    {
        if (OptionValues.GetObject(options, "ConfigurationOptions") is { } redis)
        {
            var milliseconds = (int)storageTimeout.TotalMilliseconds;
            OptionValues.Replace(redis, "AsyncTimeout", RedisTimeout, milliseconds);
            OptionValues.Replace(redis, "SyncTimeout", RedisTimeout, milliseconds);

            // The pause between two attempts to connect again grows from half of this.
            OptionValues.Replace(redis, "ConnectTimeout", RedisConnectTimeout, Math.Min(milliseconds, 2000));
        }

        if (OptionValues.GetObject(options, "StoragePolicyOptions") is { } azure)
        {
            OptionValues.Replace(azure, "MaxOperationRetries", AzureRetries, 2);
            OptionValues.Replace(azure, "PauseBetweenOperationRetries", AzureRetryPause, TimeSpan.FromMilliseconds(200));
        }

        if (OptionValues.GetObject(options, "Invariant") is "Npgsql" && OptionValues.GetObject(options, "ConnectionString") is string { Length: > 0 } connection)
        {
            OptionValues.Set(options, "ConnectionString", WithNpgsqlTimeouts(connection, storageTimeout));
        }
    }

    // Npgsql takes whole seconds, and zero for none.
    private static string WithNpgsqlTimeouts(string connection, TimeSpan storageTimeout)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(storageTimeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var builder = new DbConnectionStringBuilder { ConnectionString = connection };
        AddMissing("Command Timeout", "CommandTimeout");
        AddMissing("Timeout", "Connection Timeout");
        return builder.ConnectionString;

        void AddMissing(string key, string otherSpelling)
        {
            if (!builder.ContainsKey(key) && !builder.ContainsKey(otherSpelling))
            {
                builder[key] = seconds;
            }
        }
    }
}
