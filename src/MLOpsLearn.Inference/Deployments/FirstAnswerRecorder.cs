using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Inference.Data;
using MLOpsLearn.Messaging.Outbox;

namespace MLOpsLearn.Inference.Deployments;

/// <summary>Stores when a version first answered, off the way of the answer.</summary>
internal sealed partial class FirstAnswerRecorder(IServiceScopeFactory scopes, TimeProvider time, ILogger<FirstAnswerRecorder> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly Channel<(Guid Deployment, DateTimeOffset Time)> _answers = Channel.CreateUnbounded<(Guid, DateTimeOffset)>();

    /// <summary>At most once for each deployment, so the channel stays short.</summary>
    public void Answered(Guid deployment) => _answers.Writer.TryWrite((deployment, time.GetUtcNow()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (id, answeredAt) in _answers.Reader.ReadAllAsync(stoppingToken))
        {
            while (!await TryRecordAsync(id, answeredAt, stoppingToken))
            {
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private async Task<bool> TryRecordAsync(Guid id, DateTimeOffset answeredAt, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<InferenceDbContext>();
            if (await context.Deployments.FirstOrDefaultAsync(each => each.Id == id, cancellationToken) is { FirstAnsweredAt: null } deployment)
            {
                deployment.Answered(answeredAt);
                context.PublishOnSave(deployment.ToEvent(), time);
                await context.SaveChangesAsync(cancellationToken);
            }

            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.NotRecorded(logger, id, exception);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4201, LogLevel.Warning, "The first answer of deployment {Deployment} could not be recorded yet; it is tried again.")]
        public static partial void NotRecorded(ILogger logger, Guid deployment, Exception exception);
    }
}
