using System.Buffers;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Invocation;
using Orleans.Serialization.Serializers;
using Orleans.Serialization.Session;

namespace ServerSession.Tests.Wire;

/// <summary>Writes and reads the bodies of messages as an Orleans client does: calls with their interface and method, replies, exceptions. It never connects.</summary>
internal sealed class WireBodies : IDisposable
{
    private static readonly GrainId Target = GrainId.Create("target", "1");

    private readonly IHost _client;
    private readonly Serializer _serializer;

    public WireBodies()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(client => client
            .UseLocalhostClustering()
            .AddOutgoingGrainCallFilter(context => throw new Recorded(WireText.Of(context.Request), Write(context.Request))));
        _client = builder.Build();
        _serializer = _client.Services.GetRequiredService<Serializer>();
    }

    public byte[] Write(object body) => _serializer.SerializeToArray(body);

    public object Read(byte[] bytes) => _serializer.Deserialize<object>(bytes)!;

    /// <summary>A reference to a grain or an observer, as it stands in messages.</summary>
    public TGrain Reference<TGrain>()
        where TGrain : IAddressable =>
        (TGrain)_client.Services.GetRequiredService<IGrainFactory>().GetGrain(
            Target, _client.Services.GetRequiredService<GrainInterfaceTypeResolver>().GetGrainInterfaceType(typeof(TGrain)));

    /// <summary>The body of a call, and its values in words.</summary>
    public async Task<(string Values, byte[] Bytes)> CallAsync<TGrain>(Func<TGrain, Task> call)
        where TGrain : IAddressable
    {
        var recorded = await Assert.ThrowsAsync<Recorded>(() => call(Reference<TGrain>()));
        return (recorded.Values, recorded.Bytes);
    }

    /// <summary>The body of a message that has only some of its members, as a build sends it that does not know the others.</summary>
    public byte[] WriteMembers(object message, IEnumerable<WireMember> members)
    {
        using var session = _client.Services.GetRequiredService<SerializerSessionPool>().GetSession();
        var codecs = _client.Services.GetRequiredService<ICodecProvider>();
        var buffer = new ArrayBufferWriter<byte>();
        var writer = Writer.Create(buffer, session);
        var last = 0u;
        writer.WriteStartObject(0, typeof(object), message.GetType());
        if (IsRecord(message.GetType()))
        {
            // Orleans keeps a section of its own for parameters of a record's constructor that have no number.
            writer.WriteEndBase();
        }

        foreach (var member in members)
        {
            // The generated code of messages has this codec for bytes; the provider would give one for memory of any kind.
            var codec = member.Type == typeof(ReadOnlyMemory<byte>) ? new ReadOnlyMemoryOfByteCodec() : codecs.GetCodec(member.Type);
            codec.WriteField(ref writer, member.Id - last, member.Type, member.Of(message)!);
            last = member.Id;
        }

        writer.WriteEndObject();
        writer.Commit();
        return buffer.WrittenSpan.ToArray();
    }

    public void Dispose() => _client.Dispose();

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null;

    private sealed class Recorded(string values, byte[] bytes) : Exception("The call is recorded and not sent.")
    {
        public string Values { get; } = values;

        public byte[] Bytes { get; } = bytes;
    }
}
