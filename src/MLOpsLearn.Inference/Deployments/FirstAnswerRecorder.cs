using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Inference.Data;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Messaging.Outbox;

namespace MLOpsLearn.Inference.Deployments;

/// <summary>Stores when a version first answered, off the way of the answer.</summary>
internal sealed partial class FirstAnswerRecorder(IServiceScopeFactory scopes, TimeProvider time, ILogger<FirstAnswerRecorder> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly Channel<FirstAnswer> _answers = Channel.CreateUnbounded<FirstAnswer>();

    /// <summary>At most once for each deployment, so the channel stays short.</summary>
    /// <param name="endpoint">What answered.</param>
    /// <param name="took">How long the answer took.</param>
    public void Answered(EndpointSnapshot endpoint, TimeSpan took)
    {
        var now = time.GetUtcNow();
        _answers.Writer.TryWrite(new FirstAnswer(endpoint.DeploymentId, now, InferenceTelemetry.FirstAnswered(endpoint, now - took) ?? endpoint.TraceParent));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var answer in _answers.Reader.ReadAllAsync(stoppingToken))
        {
            while (!await TryRecordAsync(answer, stoppingToken))
            {
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private async Task<bool> TryRecordAsync(FirstAnswer answer, CancellationToken cancellationToken)
    {
        using var activity = InferenceTelemetry.Activities.StartActivity("record first answer", ActivityKind.Internal, answer.TraceParent);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<InferenceDbContext>();
            if (await context.Deployments.FirstOrDefaultAsync(each => each.Id == answer.Deployment, cancellationToken) is { FirstAnsweredAt: null } deployment)
            {
                deployment.Answered(answer.Time);
                context.PublishOnSave(deployment.ToEvent(), time);
                await context.SaveChangesAsync(cancellationToken);
            }

            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            // A replica was first, and tells it.
            return true;
        }
        catch (Exception exception) when (!exception.IsCancellationBy(cancellationToken))
        {
            Log.NotRecorded(logger, answer.Deployment, exception);
            return false;
        }
    }

    private sealed record FirstAnswer(Guid Deployment, DateTimeOffset Time, string? TraceParent);

    private static partial class Log
    {
        [LoggerMessage(4201, LogLevel.Warning, "The first answer of deployment {Deployment} could not be recorded yet; it is tried again.")]
        public static partial void NotRecorded(ILogger logger, Guid deployment, Exception exception);
    }
}
