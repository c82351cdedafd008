using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Which files a run has.</summary>
internal sealed class ArtifactCatalog(TrackingDbContext context, RunCatalog runs)
{
    public async Task<ListArtifactsResponse> ListAsync(ListArtifactsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var after = PageToken.DecodeText(request.PageToken) ?? "";
        var run = await runs.FindAsync(request.RunId, cancellationToken);
        var size = PageToken.SizeOrDefault(request.PageSize);
        var page = await context.Artifacts.AsNoTracking()
            .Where(artifact => artifact.RunKey == run.Key && string.Compare(artifact.Path, after) > 0)
            .OrderBy(artifact => artifact.Path).Take(size + 1).ToListAsync(cancellationToken);
        return new ListArtifactsResponse
        {
            Artifacts = { page.Take(size).Select(artifact => artifact.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Path) : "",
        };
    }

    public Task<RunArtifact?> FindAsync(Runs.Run run, string path, CancellationToken cancellationToken) => context.Artifacts.AsNoTracking()
        .FirstOrDefaultAsync(artifact => artifact.RunKey == run.Key && artifact.Path == path, cancellationToken);

    /// <summary>Records a stored file. False when the run has other content under the path; the same content again changes nothing.</summary>
    public async Task<bool> TryAddAsync(Runs.Run run, string path, StoredContent content, CancellationToken cancellationToken)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(run, path, cancellationToken) is { } known)
        {
            return known.Sha256 == content.Sha256;
        }

        context.Artifacts.Add(new RunArtifact { RunKey = run.Key, Path = path, SizeBytes = content.SizeBytes, Sha256 = content.Sha256 });
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
