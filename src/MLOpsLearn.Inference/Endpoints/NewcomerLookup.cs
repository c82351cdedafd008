using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts;
using MLOpsLearn.Inference.Data;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>
/// Looks once in the database for an endpoint that is asked for and not in memory: another process of this service may just have made it. Names
/// that nobody made cost one look a second each, and no more than 100 together.
/// </summary>
internal sealed class NewcomerLookup(IServiceScopeFactory scopes, EndpointTable table, TimeProvider time) : IDisposable
{
    private const int LongestName = 63;
    private const int MostLooks = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _looking = new(1, 1);
    private HashSet<string> _absent = [];
    private long _absentSince = time.GetTimestamp();

    /// <summary>Whether a look is worth it: never while endpoints come up, and never for one that answers.</summary>
    public bool MayBeNew(string name) => name.Length is > 0 and <= LongestName && table.IsRestored && table.Find(name) is null && table.FaultOf(name).Length == 0;

    public async Task LookAsync(string name, CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            if (time.GetElapsedTime(_absentSince) >= Pause)
            {
                (_absent, _absentSince) = ([], time.GetTimestamp());
            }

            if (!MayBeNew(name) || _absent.Count >= MostLooks || !_absent.Add(name))
            {
                return;
            }

            await using var scope = scopes.CreateAsyncScope();
            var stored = await scope.ServiceProvider.GetRequiredService<InferenceDbContext>().Endpoints.AsNoTracking()
                .FirstOrDefaultAsync(endpoint => endpoint.Workspace == Workspaces.Default && endpoint.Name == name, cancellationToken);
            if (stored is not null)
            {
                await scope.ServiceProvider.GetRequiredService<EndpointActivator>().RestoreAsync(stored, cancellationToken);
            }
        }
        finally
        {
            _looking.Release();
        }
    }

    public void Dispose() => _looking.Dispose();
}
