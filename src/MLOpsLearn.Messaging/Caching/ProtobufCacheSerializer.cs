using System.Buffers;
using Google.Protobuf;
using Microsoft.Extensions.Caching.Hybrid;

namespace MLOpsLearn.Messaging.Caching;

/// <summary>Answers of other services are cached in the form in which they came.</summary>
internal sealed class ProtobufCacheSerializer<T> : IHybridCacheSerializer<T> where T : IMessage<T>, new()
{
    private static readonly MessageParser<T> Parser = new(() => new T());

    public T Deserialize(ReadOnlySequence<byte> source) => Parser.ParseFrom(source);

    public void Serialize(T value, IBufferWriter<byte> target) => value.WriteTo(target);
}
