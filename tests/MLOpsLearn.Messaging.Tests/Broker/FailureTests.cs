using System.Text;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Failures;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Tests.Broker;

/// <summary>On a real broker: what can't be handled is kept with its reason, comes back when it may pass, and can be sent again.</summary>
[Collection("broker queues")]
public sealed class FailureTests(BrokerFixture broker)
{
    private const string Queue = "registry.training-completed";

    private static TrainingCompleted Completed(string job) =>
        new(Workspaces.Default, job, "p", "m", "succeeded", new string('a', 32), 1, "promoted", "", DateTimeOffset.UnixEpoch);

    private async Task<MessagingHost> StartAsync(Judge judge)
    {
        await broker.EmptyAsync(Queue);
        return await MessagingHost.StartAsync(await broker.AddressAsync(), builder =>
        {
            builder.Services.AddSingleton(judge);
            builder.AddEventConsumer<JudgedConsumer>(Queue);
        });
    }

    [Fact]
    public async Task A_message_that_no_waiting_mends_is_a_dead_letter_with_its_reason_and_can_be_sent_again()
    {
        var judge = new Judge { Fault = new UnreadableMessageException("row 3 has no column") };
        await using var host = await StartAsync(judge);
        var desk = host.Services.GetRequiredService<DeadLetterDesk>();

        await host.Bus.Publish(Completed("job-1"), TestContext.Current.CancellationToken);
        await host.Bus.Publish(Completed("job-2"), TestContext.Current.CancellationToken);
        var letters = await WaitForDeadAsync(desk, 2);

        Assert.All(letters, letter => Assert.Equal(("row 3 has no column", nameof(UnreadableMessageException), 0), (letter.Reason, letter.Exception, letter.Retries)));
        Assert.Contains("job-1", Encoding.UTF8.GetString(letters[0].Body.Span), StringComparison.Ordinal);
        Assert.Equal(2, judge.Attempts);
        // Looking takes nothing away.
        Assert.Equal(2, (await desk.PeekAsync(Queue, 10, TestContext.Current.CancellationToken)).Count);

        judge.Fault = null;
        Assert.Equal(1, await desk.ResendAsync(Queue, letters[1].Id, TestContext.Current.CancellationToken));
        await judge.HandledAsync("job-2");
        Assert.Equal(letters[0].Id, Assert.Single(await desk.PeekAsync(Queue, 10, TestContext.Current.CancellationToken)).Id);

        Assert.Equal(1, await desk.DiscardAsync(Queue, letters[0].Id, TestContext.Current.CancellationToken));
        Assert.Empty(await desk.PeekAsync(Queue, 10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_message_that_may_pass_is_tried_soon_then_waits_in_a_queue_and_comes_back()
    {
        var judge = new Judge { Fault = new TimeoutException("the database is away") };
        await using var host = await StartAsync(judge);
        var desk = host.Services.GetRequiredService<DeadLetterDesk>();

        await host.Bus.Publish(Completed("job-3"), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(async () => (await desk.ListAsync(TestContext.Current.CancellationToken)).Single(queue => queue.Queue == Queue) is { Waiting: 1, Ready: 0, Dead: 0 });
        Assert.Equal(6, judge.Attempts);

        judge.Fault = null;
        await judge.HandledAsync("job-3");
        Assert.Empty(await desk.PeekAsync(Queue, 10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_that_is_no_message_is_a_dead_letter_and_the_next_message_is_handled()
    {
        var judge = new Judge();
        await using var host = await StartAsync(judge);
        var desk = host.Services.GetRequiredService<DeadLetterDesk>();
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), TestContext.Current.CancellationToken);

        await channel.BasicPublishAsync("", Queue, "{ nonsense"u8.ToArray(), TestContext.Current.CancellationToken);
        await host.Bus.Publish(Completed("job-4"), TestContext.Current.CancellationToken);

        await judge.HandledAsync("job-4");
        Assert.NotEqual("unknown", Assert.Single(await WaitForDeadAsync(desk, 1)).Reason);
    }

    private static Task<IReadOnlyList<DeadLetter>> WaitForDeadAsync(DeadLetterDesk desk, int count) =>
        Eventually.SeeAsync(() => desk.PeekAsync(Queue, 10, TestContext.Current.CancellationToken), letters => letters.Count == count, $"{count} dead letters");

    /// <summary>Says how the consumer fares.</summary>
    internal sealed class Judge
    {
        private readonly SemaphoreSlim _handled = new(0);
        private readonly List<string> _jobs = [];
        private int _attempts;

        public Exception? Fault { get; set; }

        public int Attempts => _attempts;

        public void Consume(string job)
        {
            Interlocked.Increment(ref _attempts);
            if (Fault is { } fault)
            {
                throw fault;
            }

            _jobs.Add(job);
            _handled.Release();
        }

        public async Task HandledAsync(string job)
        {
            Assert.True(await _handled.WaitAsync(Patience.Wait, TestContext.Current.CancellationToken), $"{job} was not handled.");
            Assert.Equal(job, _jobs[^1]);
        }
    }

    internal sealed class JudgedConsumer(Judge judge) : IConsumer<TrainingCompleted>
    {
        public Task Consume(ConsumeContext<TrainingCompleted> context)
        {
            judge.Consume(context.Message.JobId);
            return Task.CompletedTask;
        }
    }
}
