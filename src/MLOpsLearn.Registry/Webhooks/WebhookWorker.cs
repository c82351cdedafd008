using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Registry.Data;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>Sends what is due, some at a time, so that a receiver that hangs holds up only itself and few others.</summary>
internal sealed partial class WebhookWorker(
    IServiceScopeFactory scopes, WebhookSender sender, IOptions<WebhookOptions> options, TimeProvider time, ILogger<WebhookWorker> logger) : BackgroundService
{
    private const int Senders = 8;
    private const int BatchSize = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CleanUpInterval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var due = Channel.CreateBounded<WebhookDelivery>(Senders);
        var senders = Enumerable.Range(0, Senders).Select(_ => SendAllAsync(due.Reader, stoppingToken)).ToList();
        using var timer = new PeriodicTimer(Interval, time);
        var cleanedUpAt = DateTimeOffset.MinValue;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    foreach (var delivery in await ClaimDueAsync(stoppingToken))
                    {
                        await due.Writer.WriteAsync(delivery, stoppingToken);
                    }

                    if (time.GetUtcNow() - cleanedUpAt > CleanUpInterval)
                    {
                        cleanedUpAt = time.GetUtcNow();
                        await CleanUpAsync(stoppingToken);
                    }
                }
                catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
                {
                    Log.LookFailed(logger, exception);
                }
            }
        }
        finally
        {
            due.Writer.Complete();
            await Task.WhenAll(senders);
        }
    }

    /// <summary>Sends everything that is due now.</summary>
    internal async Task SendDueAsync(CancellationToken cancellationToken)
    {
        foreach (var delivery in await ClaimDueAsync(cancellationToken))
        {
            await SendAsync(delivery, cancellationToken);
        }
    }

    private async Task SendAllAsync(ChannelReader<WebhookDelivery> due, CancellationToken cancellationToken)
    {
        await foreach (var delivery in due.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await SendAsync(delivery, cancellationToken);
            }
            catch (Exception exception)
            {
                // It stays claimed, and is due again when the claim has run out.
                if (!exception.IsCancellationBy(cancellationToken))
                {
                    Log.SendFailed(logger, delivery.Id, exception);
                }
            }
        }
    }

    /// <summary>What is due and nobody else took: whoever moves the time of the next attempt owns this one, on every replica.</summary>
    private async Task<List<WebhookDelivery>> ClaimDueAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        var now = time.GetUtcNow();
        var claimedUntil = now + (2 * options.Value.Timeout) + LongestWait;
        var due = await context.WebhookDeliveries.AsNoTracking()
            .Where(delivery => delivery.State == DeliveryState.Pending && delivery.NextAttemptAt <= now)
            .OrderBy(delivery => delivery.NextAttemptAt).Take(BatchSize).ToListAsync(cancellationToken);
        var mine = new List<WebhookDelivery>();
        foreach (var delivery in due)
        {
            if (await context.WebhookDeliveries
                .Where(row => row.Id == delivery.Id && row.State == DeliveryState.Pending && row.NextAttemptAt == delivery.NextAttemptAt)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.NextAttemptAt, claimedUntil), cancellationToken) == 1)
            {
                mine.Add(delivery);
            }
        }

        return mine;
    }

    private async Task SendAsync(WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        var webhook = await context.Webhooks.AsNoTracking().FirstOrDefaultAsync(webhook => webhook.Id == delivery.WebhookId, cancellationToken);
        var answer = webhook is null ? WebhookAnswer.Fault("The webhook was deleted.") : await sender.SendAsync(webhook, delivery.Id, delivery.Body, cancellationToken);
        var attempts = delivery.Attempts + 1;
        var state = answer.IsDelivered ? DeliveryState.Delivered
            : webhook is not null && answer.IsWorthRepeating && attempts < options.Value.MostAttempts ? DeliveryState.Pending
            : DeliveryState.Failed;
        var now = time.GetUtcNow();
        var next = now + WaitAfter(attempts, answer.RetryAfter);
        DateTimeOffset? finishedAt = state == DeliveryState.Pending ? null : now;
        var error = answer.IsDelivered ? null : Shorten(answer.Error ?? $"The receiver answered {answer.Status}.");
        await context.WebhookDeliveries.Where(row => row.Id == delivery.Id).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.State, state).SetProperty(row => row.Attempts, attempts).SetProperty(row => row.NextAttemptAt, next)
                .SetProperty(row => row.ResponseStatus, answer.Status).SetProperty(row => row.Error, error).SetProperty(row => row.FinishedAt, finishedAt),
            cancellationToken);
    }

    /// <summary>1 s, 2 s, 4 s … at most a minute; longer only when the receiver asks for it, and then at most an hour.</summary>
    internal static TimeSpan WaitAfter(int attempts, TimeSpan? asked)
    {
        var own = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, attempts - 1), LongestWait.TotalSeconds));
        return asked is { } wanted && wanted > own ? TimeSpan.FromTicks(Math.Min(wanted.Ticks, TimeSpan.TicksPerHour)) : own;
    }

    private async Task CleanUpAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var oldest = time.GetUtcNow() - options.Value.Retention;
        await scope.ServiceProvider.GetRequiredService<WebhookBook>().ProtectOldSecretsAsync(cancellationToken);
        await scope.ServiceProvider.GetRequiredService<RegistryDbContext>().WebhookDeliveries
            .Where(delivery => delivery.State != DeliveryState.Pending && delivery.FinishedAt < oldest).ExecuteDeleteAsync(cancellationToken);
    }

    private static string Shorten(string text) => text.Length <= 500 ? text : text[..500];

    private static partial class Log
    {
        [LoggerMessage(3101, LogLevel.Warning, "Webhooks that are due could not be looked up; it is tried again.")]
        public static partial void LookFailed(ILogger logger, Exception exception);

        [LoggerMessage(3102, LogLevel.Warning, "Delivery {DeliveryId} could not be made or recorded; it is tried again.")]
        public static partial void SendFailed(ILogger logger, string deliveryId, Exception exception);
    }
}
