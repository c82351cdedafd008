using System.Text;
using System.Text.Json;
using MLOpsLearn.Messaging.Triggers;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Tests.Triggers;

/// <summary>A trigger is the same in whichever form it comes, and what is none is refused with the reason.</summary>
public sealed class TriggerReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private const string Data = """{"model":"trip-duration","reason":"new prices"}""";

    private static OutsideTrigger Read(string body, BasicProperties? properties = null, string routingKey = "any") =>
        TriggerReader.Read(properties ?? new BasicProperties(), routingKey, Encoding.UTF8.GetBytes(body), Now);

    private static BasicProperties Binary(params (string Name, object? Value)[] changes)
    {
        var headers = new Dictionary<string, object?>
        {
            ["cloudEvents:specversion"] = "1.0"u8.ToArray(),
            ["cloudEvents:id"] = "e-1"u8.ToArray(),
            ["cloudEvents:source"] = "/shop"u8.ToArray(),
            ["cloudEvents:type"] = "mlops.retrain.requested"u8.ToArray(),
            ["cloudEvents:time"] = "2025-05-05T05:05:05Z"u8.ToArray(),
        };
        foreach (var (name, value) in changes)
        {
            headers[name] = value;
        }

        return new BasicProperties { ContentType = "application/json", Headers = headers };
    }

    [Fact]
    public void Structured_binary_and_plain_say_the_same()
    {
        var structured = Read(
            $$"""{"specversion":"1.0","id":"e-1","source":"/shop","type":"mlops.retrain.requested","time":"2025-05-05T05:05:05Z","data":{{Data}}}""",
            new BasicProperties { ContentType = "application/cloudevents+json; charset=utf-8" });
        var binary = Read(Data, Binary());
        var plain = Read(Data, new BasicProperties { MessageId = "e-1", Type = "mlops.retrain.requested" });

        Assert.All([structured, binary, plain], trigger =>
        {
            Assert.Equal(("e-1", "mlops.retrain.requested"), (trigger.Id, trigger.Type));
            Assert.Equal(Data, JsonSerializer.Serialize(trigger.Data));
        });
        Assert.All([structured, binary], trigger => Assert.Equal(("/shop", new DateTimeOffset(2025, 5, 5, 5, 5, 5, TimeSpan.Zero)), (trigger.Source, trigger.Time)));
        Assert.Equal(structured.Key, binary.Key);
        Assert.Equal(("", Now), (plain.Source, plain.Time));
        // Nobody gets at the place of another's trigger, or of an alert of ours, by the choice of an id.
        Assert.DoesNotContain(plain.Key, (string[])[plain.Id, (plain with { Id = "/shop e-1" }).Key, structured.Key]);
        Assert.NotEqual((plain with { Id = "/shop e-1" }).Key, structured.Key);
    }

    [Fact]
    public void The_other_spelling_of_binary_headers_says_the_same_and_the_trace_is_found_in_every_form()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var spelled = new BasicProperties { Headers = Binary().Headers!.ToDictionary(header => header.Key.Replace(':', '_'), header => header.Value) };
        var structured = new BasicProperties { ContentType = "application/cloudevents+json" };

        var read = Read(Data, spelled);

        Assert.Equal(("e-1", "/shop", "mlops.retrain.requested"), (read.Id, read.Source, read.Type));
        Assert.Equal(trace, TriggerReader.TraceParentOf(Binary(("cloudEvents:traceparent", Encoding.ASCII.GetBytes(trace))), default));
        Assert.Equal(trace, TriggerReader.TraceParentOf(Binary(("cloudEvents_traceparent", trace)), default));
        Assert.Equal(trace, TriggerReader.TraceParentOf(new BasicProperties { Headers = new Dictionary<string, object?> { ["traceparent"] = trace } }, default));
        Assert.Equal(trace, TriggerReader.TraceParentOf(structured, Encoding.UTF8.GetBytes($$"""{"traceparent":"{{trace}}"}""")));
        Assert.Null(TriggerReader.TraceParentOf(structured, "nonsense"u8.ToArray()));
    }

    [Theory]
    [InlineData("mlops.data.available", """{"dataset":"green-taxi","uri":"runs:/a/b"}""")]
    [InlineData("mlops.labels.arrived", """{"endpoint":"trip-duration","count":12}""")]
    [InlineData("mlops.alert.external", """{"model":"m","reason":"r","severity":"critical","more":[1]}""")]
    public void A_plain_message_takes_its_type_from_its_field_its_property_or_its_routing_key(string type, string data)
    {
        Assert.Equal(type, Read(data, routingKey: type).Type);
        Assert.Equal(type, Read(data, new BasicProperties { Type = type }).Type);
        Assert.Equal(type, Read(data.Insert(1, $"\"type\":\"{type}\","), routingKey: "x.y").Type);
    }

    [Fact]
    public void A_plain_message_without_a_type_asks_to_retrain_and_without_an_id_is_always_new()
    {
        var (first, second) = (Read(Data), Read(Data));

        Assert.Equal("mlops.retrain.requested", first.Type);
        Assert.NotEqual(first.Id, second.Id);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("\u0000\u0001", "not JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("null", "JSON object")]
    [InlineData("3", "JSON object")]
    [InlineData("{}", "model")]
    [InlineData("""{"model":""}""", "model")]
    [InlineData("""{"model":7}""", "model")]
    [InlineData("""{"model":null}""", "model")]
    [InlineData("""{"model":"m","reason":{"a":1}}""", "reason")]
    [InlineData("""{"model":"m","files":[]}""", "files")]
    [InlineData("""{"model":"m","files":["a"],"window":{"endpoint":"e","start":"2021-01-01T00:00:00Z","end":"2021-02-01T00:00:00Z"}}""", "data")]
    [InlineData("""{"model":"m","window":{"endpoint":"e","start":"yesterday","end":"2021-02-01T00:00:00Z"}}""", "window.start")]
    [InlineData("""{"model":"m","type":"mlops.drop.tables"}""", "mlops.drop.tables")]
    [InlineData("""{"model":"m","id":""}""", "id")]
    public void What_is_no_trigger_is_refused_with_the_reason(string body, string expected) =>
        Assert.Contains(expected, Assert.Throws<BadTriggerException>(() => Read(body)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("cloudEvents:id", null)]
    [InlineData("cloudEvents:source", "")]
    [InlineData("cloudEvents:specversion", "0.3")]
    [InlineData("cloudEvents:type", "mlops.other")]
    [InlineData("cloudEvents:time", "noon")]
    public void A_binary_CloudEvent_with_a_wrong_attribute_is_refused(string name, string? value) =>
        Assert.Contains(
            name["cloudEvents:".Length..],
            Assert.Throws<BadTriggerException>(() => Read(Data, Binary((name, value is null ? null : Encoding.UTF8.GetBytes(value))))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"specversion":"1.0","id":"e-1","type":"mlops.retrain.requested","data":{"model":"m"}}""")]
    [InlineData("""{"specversion":"9.9","id":"e-1","source":"/s","type":"mlops.retrain.requested","data":{"model":"m"}}""")]
    [InlineData("""{"specversion":"1.0","id":"e-1","source":"/s","type":"mlops.retrain.requested","data":"text"}""")]
    [InlineData("""{"specversion":"1.0","id":"e-1","source":"/s","type":"mlops.retrain.requested","data_base64":"AAAA"}""")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    public void A_structured_CloudEvent_that_is_none_is_refused(string body) =>
        Assert.Throws<BadTriggerException>(() => Read(body, new BasicProperties { ContentType = "application/cloudevents+json" }));

    public static TheoryData<byte[], string> NotWellFormed => new()
    {
        { [.. "{\"model\":\""u8, 0xFF, 0xFE, .. "\"}"u8], "well-formed" },
        { [.. """{"model":"\ud800"}"""u8], "well-formed" },
        { [.. """{"model":"m","type":"\udfff"}"""u8], "well-formed" },
        { [.. """{"model":"a","reason":"\u0000"}"""u8], "U+0000" },
        { [.. """{"model":"a","model":"b"}"""u8], "" },
    };

    [Theory]
    [MemberData(nameof(NotWellFormed))]
    public void Texts_that_no_one_can_store_are_refused(byte[] body, string expected)
    {
        foreach (var properties in new[] { new BasicProperties(), new BasicProperties { ContentType = "application/cloudevents+json" } })
        {
            var isStructured = properties.ContentType is not null;
            var bytes = isStructured ? [.. """{"specversion":"1.0","id":"1","source":"/s","type":"mlops.retrain.requested","traceparent":"\ud800","data":"""u8, .. body, (byte)'}'] : body;
            Assert.Null(TriggerReader.TraceParentOf(properties, bytes));
            try
            {
                TriggerReader.Read(properties, "k", bytes, Now);
                Assert.Equal("", expected);
            }
            catch (BadTriggerException refused)
            {
                Assert.Contains(isStructured ? "" : expected, refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_message_that_is_too_large_is_refused() =>
        Assert.Contains("bytes", Assert.Throws<BadTriggerException>(() => Read($$"""{"model":"{{new string('m', 300_000)}}"}""")).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_bytes_at_all_give_a_trigger_or_a_reason()
    {
        var random = new Random(11);
        var pieces = new[] { "{", "}", "[", "]", "\"model\"", ":", "\"m\"", ",", "null", "1e999", "\\u0000", "\"files\"", "\"window\"", "é", "\u0000", "true", "\"id\"", "\"type\"", "\"mlops.data.available\"" };
        string?[] contentTypes = [null, "application/json", "application/cloudevents+json", "text/plain; ;;", "application/cloudevents+json; charset=nonsense"];
        for (var i = 0; i < 5_000; i++)
        {
            var body = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                Read(body, new BasicProperties { ContentType = contentTypes[random.Next(contentTypes.Length)] });
            }
            catch (BadTriggerException)
            {
            }
        }
    }
}
