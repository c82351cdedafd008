using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>Ready when every stored endpoint is up again, or known to be at fault.</summary>
internal sealed class EndpointsHealthCheck(EndpointTable table) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(table.IsRestored ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("endpoints are coming up"));
}
