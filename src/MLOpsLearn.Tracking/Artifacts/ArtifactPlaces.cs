using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Finds the place of a path of the store that MLflow's clients see as "mlflow-artifacts:".</summary>
internal sealed class ArtifactPlaces(TrackingDbContext context)
{
    private const string Scheme = "mlflow-artifacts:";

    /// <summary>The place of a path from the store's root: a run's own when it lies below where that run's artifacts are.</summary>
    public async Task<ArtifactPlace> LocateAsync(string path, CancellationToken cancellationToken)
    {
        var parts = path.Split('/');
        for (var i = 0; i + 1 < parts.Length; i++)
        {
            if (parts[i + 1] != "artifacts" || !RunCatalog.IsRunId(parts[i]))
            {
                continue;
            }

            var (runId, root) = (parts[i], string.Join('/', parts[..(i + 2)]));
            var run = await context.Runs.AsNoTracking().Where(run => run.RunId == runId).Select(run => new { run.Key, run.ArtifactUri }).FirstOrDefaultAsync(cancellationToken);
            if (run is not null && PathOf(run.ArtifactUri) == root)
            {
                return new ArtifactPlace(run.Key, string.Join('/', parts[(i + 2)..]));
            }
        }

        return new ArtifactPlace(0, path);
    }

    /// <summary>The path from the store's root that a location names; null when it lies elsewhere, where only the client can reach.</summary>
    public static string? PathOf(string location)
    {
        if (!location.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = location[Scheme.Length..];
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var slash = rest.IndexOf('/', 2);
            rest = slash < 0 ? "" : rest[slash..];
        }

        return rest.Trim('/');
    }
}
