using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>One span, as far as the tests look at it.</summary>
internal sealed record ReceivedSpan(string Service, string TraceId, string SpanId, string ParentId, string Name, ulong Start, ulong End, IReadOnlyList<string> LinkedTraces);

/// <summary>An OTLP collector that keeps spans: HTTP with protobuf bodies, read field by field as the protocol numbers them.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentDictionary<string, int> _signals = new();

    private OtlpReceiver(WebApplication app, Uri address) => (_app, Address) = (app, address);

    public Uri Address { get; }

    public IReadOnlyCollection<ReceivedSpan> Spans => _spans;

    /// <summary>Services that sent a signal: "v1/traces/tracking".</summary>
    public ICollection<string> Signals => _signals.Keys;

    /// <summary>What a service needs to send here.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address.ToString().TrimEnd('/'),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "500",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "2000",
    };

    public static async Task<OtlpReceiver> StartAsync()
    {
        var address = new Uri($"http://127.0.0.1:{Mlops.FreePorts().Http}");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().UseUrls(address.ToString());
        builder.Logging.ClearProviders();
        var receiver = new OtlpReceiver(builder.Build(), address);
        receiver._app.Run(receiver.TakeAsync);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        // The first field of each of the three requests is the list of resources with what they sent.
        foreach (var (field, value) in Fields(body.ToArray()).Where(entry => entry.Field == 1))
        {
            var resource = Fields(value).ToList();
            var service = resource.Where(entry => entry.Field == 1).SelectMany(entry => Fields(entry.Value)).Where(entry => entry.Field == 1)
                .Select(entry => Attribute(entry.Value)).FirstOrDefault(attribute => attribute.Key == "service.name").Value ?? "";
            _signals.TryAdd(context.Request.Path.Value!.Trim('/') + "/" + service, field);
            if (context.Request.Path == "/v1/traces")
            {
                foreach (var span in resource.Where(entry => entry.Field == 2).SelectMany(scope => Fields(scope.Value)).Where(entry => entry.Field == 2))
                {
                    _spans.Enqueue(Span(service, span.Value));
                }
            }
        }

        context.Response.ContentType = "application/x-protobuf";
    }

    private static ReceivedSpan Span(string service, byte[] bytes)
    {
        var fields = Fields(bytes).ToLookup(entry => entry.Field, entry => entry.Value);
        return new ReceivedSpan(
            service,
            Hex(fields[1].First()),
            Hex(fields[2].First()),
            Hex(fields[4].FirstOrDefault() ?? []),
            System.Text.Encoding.UTF8.GetString(fields[5].First()),
            BitConverter.ToUInt64(fields[7].First()),
            BitConverter.ToUInt64(fields[8].First()),
            [.. fields[13].SelectMany(link => Fields(link).Where(entry => entry.Field == 1).Select(entry => Hex(entry.Value)))]);
    }

    private static (string Key, string? Value) Attribute(byte[] bytes)
    {
        var fields = Fields(bytes).ToLookup(entry => entry.Field, entry => entry.Value);
        var text = fields[2].SelectMany(value => Fields(value)).Where(entry => entry.Field == 1).Select(entry => System.Text.Encoding.UTF8.GetString(entry.Value)).FirstOrDefault();
        return (System.Text.Encoding.UTF8.GetString(fields[1].FirstOrDefault() ?? []), text);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>The fields of a message; numbers come as their eight bytes.</summary>
    private static List<(int Field, byte[] Value)> Fields(byte[] bytes)
    {
        var fields = new List<(int, byte[])>();
        var input = new CodedInputStream(bytes);
        while (input.ReadTag() is > 0 and var tag)
        {
            var value = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.LengthDelimited => input.ReadBytes().ToByteArray(),
                WireFormat.WireType.Fixed64 => BitConverter.GetBytes(input.ReadFixed64()),
                WireFormat.WireType.Fixed32 => BitConverter.GetBytes((ulong)input.ReadFixed32()),
                _ => BitConverter.GetBytes(input.ReadUInt64()),
            };
            fields.Add((WireFormat.GetTagFieldNumber(tag), value));
        }

        return fields;
    }
}
