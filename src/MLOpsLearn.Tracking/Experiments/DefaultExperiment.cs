using System.Data.Common;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Experiments;

/// <summary>The experiment that every store begins with was made when the store was: a migration could not say when.</summary>
internal sealed class DefaultExperiment(WriteQueue queue, TimeProvider time) : IHostedService
{
    private const string Date = "UPDATE experiments SET created_ms = @p1, updated_ms = @p1 WHERE id = @p0 AND created_ms = 0 AND updated_ms = 0";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await queue.RunAsync(session => session.ExecuteAsync(Date, 0L, time.GetUtcNow().ToUnixTimeMilliseconds()), cancellationToken);
        }
        catch (DbException)
        {
            // A database that is away at this moment gets its date at the next start.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
