using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace ServerSession.AspNetCore;

/// <summary>Gives Data Protection the repository.</summary>
internal sealed class KeyManagementSetup(ServerSessionXmlRepository repository) : IConfigureOptions<KeyManagementOptions>, IPostConfigureOptions<KeyManagementOptions>
{
    public void Configure(KeyManagementOptions options) => options.XmlRepository = repository;

    public void PostConfigure(string? name, KeyManagementOptions options) => repository.MakesKeys = options.AutoGenerateKeys;
}
