using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLOpsLearn.Training.Data;

/// <summary>Good while the module's database answers.</summary>
internal sealed class TrainingHealthCheck(TrainingDbContext db) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await db.Database.CanConnectAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The database does not answer.");
}
