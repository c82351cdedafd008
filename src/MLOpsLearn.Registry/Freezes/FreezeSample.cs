using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Registry.Data;

namespace MLOpsLearn.Registry.Freezes;

/// <summary>How many freezes are in force.</summary>
internal sealed class FreezeSample(RegistryDbContext context) : ISample
{
    private const int MostCounted = 1000;

    public async Task TakeAsync(CancellationToken cancellationToken) =>
        RegistryTelemetry.InForce(await context.Freezes.Where(freeze => freeze.LiftedAt == null).Take(MostCounted).CountAsync(cancellationToken));
}
