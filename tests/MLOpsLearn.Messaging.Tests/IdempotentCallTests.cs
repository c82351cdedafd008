using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Messaging.Idempotency;

namespace MLOpsLearn.Messaging.Tests;

/// <summary>A create call with a request id happens once.</summary>
public sealed class IdempotentCallTests
{
    private static Task<Experiment> CreateAsync(MessagingHost host, string requestId, string name) => host.InScopeAsync(notes =>
        notes.RunOnceAsync(
            requestId,
            new CreateExperimentRequest { RequestId = requestId, Name = name },
            host.Time,
            async cancellationToken =>
            {
                var note = new Note { Text = name };
                notes.Notes.Add(note);
                await notes.SaveChangesAsync(cancellationToken);
                return new Experiment { ExperimentId = note.Id, Name = name };
            },
            TestContext.Current.CancellationToken));

    private static Task<int> CountAsync(MessagingHost host) =>
        host.InScopeAsync(notes => notes.Notes.CountAsync(TestContext.Current.CancellationToken));

    [Fact]
    public async Task The_same_request_gives_the_first_answer_again_and_creates_nothing()
    {
        await using var host = await MessagingHost.StartAsync();
        var id = Guid.NewGuid().ToString();

        var first = await CreateAsync(host, id, "a");
        var second = await CreateAsync(host, id, "a");

        Assert.Equal(first, second);
        Assert.Equal(1, await CountAsync(host));
    }

    [Fact]
    public async Task The_same_id_with_another_body_is_refused()
    {
        await using var host = await MessagingHost.StartAsync();
        var id = Guid.NewGuid().ToString();
        await CreateAsync(host, id, "a");

        var exception = await Assert.ThrowsAsync<RpcException>(() => CreateAsync(host, id, "b"));

        Assert.Equal(StatusCode.AlreadyExists, exception.StatusCode);
        Assert.Equal(1, await CountAsync(host));
    }

    [Fact]
    public async Task After_a_day_the_id_is_free_again()
    {
        await using var host = await MessagingHost.StartAsync();
        var id = Guid.NewGuid().ToString();
        await CreateAsync(host, id, "a");

        host.Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
        await CreateAsync(host, id, "b");

        Assert.Equal(2, await CountAsync(host));
    }

    [Fact]
    public async Task Fifty_repetitions_at_once_create_one()
    {
        await using var host = await MessagingHost.StartAsync();
        var id = Guid.NewGuid().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => CreateAsync(host, id, "a")));

        Assert.Single(answers.Distinct());
        Assert.Equal(1, await CountAsync(host));
    }
}
