using System.Runtime.CompilerServices;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Inbox;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Tests.Data;

namespace MLOpsLearn.Registry.Tests.Lineage;

/// <summary>Two processes of the service on one database hear of the same deployments at the same moment.</summary>
public sealed class ReplicaTests(PostgresFixture postgres)
{
    private const int Deployments = 20;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => RegistryApp.Cancel;

    [Fact]
    public async Task Both_messages_of_a_deployment_count_once_whoever_gets_which_and_one_that_both_get_too()
    {
        var database = await postgres.DatabaseAsync("postgres");
        var apps = await Task.WhenAll(RegistryApp.StartAsync(database), RegistryApp.StartAsync(database));
        await using var first = apps[0];
        await using var second = apps[1];

        for (var number = 0; number < Deployments; number++)
        {
            var both = Guid.CreateVersion7();
            var (one, other) = number % 2 == 0 ? (first, second) : (second, first);
            await Task.WhenAll(
                TellAsync(one, number, null, Guid.CreateVersion7()), TellAsync(other, number, Start.AddMinutes(2), both), TellAsync(one, number, Start.AddMinutes(2), both));
        }

        await EventuallyAsync(first, async context => await context.Set<InboxEntry>().CountAsync(Cancel) == 2 * Deployments);
        await EventuallyAsync(first, async context => await context.Deployments.CountAsync(fact => fact.FirstResponseTime == Start.AddMinutes(2), Cancel) == Deployments);
        await EventuallyAsync(first, async context => await context.Deployments.CountAsync(Cancel) == Deployments);
    }

    private static Task TellAsync(RegistryApp app, int number, DateTimeOffset? answered, Guid id) => app.Bus.Publish(
        new DeploymentChanged("default", "trips", RegistryApp.Model, 1, 0, $"deployment-{number}", Start.AddMinutes(1), answered), context => context.MessageId = id, Cancel);

    private static Task EventuallyAsync(RegistryApp app, Func<RegistryDbContext, Task<bool>> isTrue, [CallerArgumentExpression(nameof(isTrue))] string what = "") => Eventually.HoldsAsync(
        async () =>
        {
            await using var scope = app.Services.CreateAsyncScope();
            return await isTrue(scope.ServiceProvider.GetRequiredService<RegistryDbContext>());
        },
        what);
}
