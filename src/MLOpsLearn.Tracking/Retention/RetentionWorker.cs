using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Garbage;

namespace MLOpsLearn.Tracking.Retention;

/// <summary>Applies the policies now and then. Where no experiment has one, and the server neither, nothing happens and nobody is asked.</summary>
internal sealed partial class RetentionWorker(
    GarbageCollection garbage, RetentionPolicies policies, IOptions<RetentionOptions> options, TimeProvider time, ILogger<RetentionWorker> logger) : BackgroundService
{
    // The other services start, too.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var delay = FirstDelay; ; delay = options.Value.Interval)
        {
            await Task.Delay(delay, time, stoppingToken);
            try
            {
                if ((await policies.ReadAsync([], stoppingToken)).Count > 0)
                {
                    var answer = await garbage.CollectAsync(new CollectGarbageRequest { ApplyRetention = true }, stoppingToken);
                    if (answer.Expired + answer.Runs + answer.Experiments > 0)
                    {
                        Log.Applied(logger, answer.Expired, answer.Runs, answer.Experiments, answer.ContentBytes);
                    }
                }
            }
            catch (RpcException exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                Log.NotNow(logger, exception.Status.Detail);
            }
            catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Information, "Retention marked {Expired} runs deleted; {Runs} runs and {Experiments} experiments deleted before are gone for good, {Bytes} bytes with them.")]
        public static partial void Applied(ILogger logger, long expired, long runs, long experiments, long bytes);

        [LoggerMessage(2011, LogLevel.Warning, "Retention waits for its next turn: {Reason}")]
        public static partial void NotNow(ILogger logger, string reason);

        [LoggerMessage(2012, LogLevel.Error, "Retention failed; it goes on at its next turn.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
