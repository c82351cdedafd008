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
    private readonly Channel<(Guid Deployment, DateTimeOffset Time)> _answers = Channel.CreateUnbounded<(Guid, DateTimeOffset)>();

    /// <summary>At most once for each deployment, so the channel stays short.</summary>
    public void Answered(Guid deployment) => _answers.Writer.TryWrite((deployment, time.GetUtcNow()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (id, answeredAt) in _answers.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var context = scope.ServiceProvider.GetRequiredService<InferenceDbContext>();
                if (await context.Deployments.FirstOrDefaultAsync(each => each.Id == id, stoppingToken) is { FirstAnsweredAt: null } deployment)
                {
                    deployment.Answered(answeredAt);
                    context.PublishOnSave(deployment.ToEvent(), time);
                    await context.SaveChangesAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.NotRecorded(logger, id, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4201, LogLevel.Warning, "The first answer of deployment {Deployment} could not be recorded.")]
        public static partial void NotRecorded(ILogger logger, Guid deployment, Exception exception);
    }
}
