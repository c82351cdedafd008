using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Triggers;
using Xunit;

namespace MLOpsLearn.Architecture.Tests;

/// <summary>docs/events.md says what the code does.</summary>
public sealed partial class EventsPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "events.md"));
    private static readonly Type[] Events = [.. typeof(PredictionsServed).Assembly.GetTypes().Where(type => type.Namespace == typeof(PredictionsServed).Namespace && type.IsPublic)];

    public static TheoryData<Type> EventsInJson => [.. Events.Where(type => type != typeof(PredictionsServed))];

    [Fact]
    public void Every_event_has_a_section_and_every_section_an_event() =>
        Assert.Equal(Events.Select(EventTypes.NameOf).Order(), Heading().Matches(Page).Select(match => match.Groups[1].Value).Order());

    [Fact]
    public void Every_event_of_the_contracts_can_travel() => Assert.All(Events, type => Assert.Equal(type, EventTypes.Find(EventTypes.NameOf(type))));

    [Fact]
    public void The_table_of_queues_is_the_topology_and_the_topology_what_the_modules_consume()
    {
        var declared = BrokerTopology.Queues.Select(queue => (queue.Name, queue.Source)).Order().ToList();

        Assert.Equal(declared, QueueRow().Matches(Page).Select(match => (match.Groups[1].Value, match.Groups[2].Value)).Order());
        Assert.Equal(declared.Select(queue => queue.Name).Where(name => name != BrokerTopology.TriggerQueue), ConsumedQueues().Order());
        Assert.All(declared.Where(queue => queue.Name != BrokerTopology.TriggerQueue), queue => Assert.NotNull(EventTypes.Find(queue.Source)));
        Assert.All([BrokerTopology.Events, BrokerTopology.Triggers], exchange => Assert.Contains($"| `{exchange}` | topic", Page, StringComparison.Ordinal));
        Assert.All(BrokerTopology.RetryDelays, delay => Assert.Contains($"`{BrokerTopology.RetryQueueOf("<queue>", delay)}`", Page, StringComparison.Ordinal));
        Assert.Contains($"`{BrokerTopology.DeadLetterQueueOf("<queue>")}`", Page, StringComparison.Ordinal);
        Assert.Contains($"up to {EventConsumers.DefaultPrefetch} messages ahead", Page, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(EventsInJson))]
    public void An_example_has_every_field_of_its_event_and_no_other(Type type)
    {
        using var example = JsonDocument.Parse(ExampleOf(EventTypes.NameOf(type)));
        var data = example.RootElement.TryGetProperty("data", out var inside) ? inside : example.RootElement;

        var read = JsonSerializer.Deserialize(data, type, JsonSerializerOptions.Web);

        Assert.Equal(Normal(data), Normal(JsonSerializer.SerializeToElement(read, type, JsonSerializerOptions.Web)));
        Assert.All(data.EnumerateObject(), field => Assert.NotEqual(JsonValueKind.Null, field.Value.ValueKind));
    }

    [Fact]
    public void Every_trigger_has_a_row_a_schema_and_a_copy_within_the_program()
    {
        Assert.Equal(TriggerTypes.All.Order(), TriggerRow().Matches(Page).Select(match => match.Groups[1].Value).Order());
        foreach (var type in TriggerTypes.All)
        {
            var written = File.ReadAllText(Path.Combine(Repository.Root, "docs", "events", $"{type}.schema.json"));
            using var built = new StreamReader(typeof(TriggerTypes).Assembly.GetManifestResourceStream($"{type}.schema.json")!);
            Assert.Equal(written, built.ReadToEnd());
            using var schema = JsonDocument.Parse(written);
            Assert.Equal(type, schema.RootElement.GetProperty("title").GetString());
        }
    }

    private static string ExampleOf(string eventName)
    {
        var section = Page[Page.IndexOf($"### `{eventName}`", StringComparison.Ordinal)..];
        var start = section.IndexOf("```json", StringComparison.Ordinal) + "```json".Length;
        return section[start..section.IndexOf("```", start, StringComparison.Ordinal)];
    }

    /// <summary>Fields by name: their order means nothing.</summary>
    private static string Normal(JsonElement element) =>
        string.Join("\n", element.EnumerateObject().OrderBy(field => field.Name, StringComparer.Ordinal).Select(field => $"{field.Name}: {field.Value.GetRawText()}"));

    private static IEnumerable<string> ConsumedQueues()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var name in new[] { "tracking", "registry", "training", "inference", "monitoring" })
        {
            builder.Configuration[$"ConnectionStrings:{name}"] = "Data Source=unused.db";
        }

        Tracking.TrackingModule.AddTrackingModule(builder);
        Registry.RegistryModule.AddRegistryModule(builder);
        Training.TrainingModule.AddTrainingModule(builder);
        Inference.InferenceModule.AddInferenceModule(builder);
        Monitoring.MonitoringModule.AddMonitoringModule(builder);
        return builder.Services.Select(service => service.ImplementationInstance).OfType<EventConsumerRegistration>().Select(consumer => consumer.Queue);
    }

    [GeneratedRegex("^### `(mlopslearn[^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^\\| `((?:inference|monitoring|registry|training|tracking)\\.[^`]+)` \\| `([^`]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex QueueRow();

    [GeneratedRegex("^\\| `(mlops\\.[a-z.]+)` \\| .*schema", RegexOptions.Multiline)]
    private static partial Regex TriggerRow();
}
