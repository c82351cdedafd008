using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Artifacts.Storage;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Which files a run has.</summary>
internal sealed class ArtifactCatalog(TrackingDbContext context, RunCatalog runs)
{
    public async Task<ListArtifactsResponse> ListAsync(ListArtifactsRequest request, CancellationToken cancellationToken)
    {
        var after = PageToken.DecodeText(request.PageToken) ?? "";
        new FieldChecks().PageSize(request.PageSize).Text("page_token", after, 1000, required: false).ThrowIfAny();
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

    public Task<RunArtifact?> FindAsync(ArtifactPlace place, CancellationToken cancellationToken) => context.Artifacts.AsNoTracking()
        .FirstOrDefaultAsync(artifact => artifact.RunKey == place.RunKey && artifact.Path == place.Path, cancellationToken);

    /// <summary>Puts content at a place, over what is there. False when a folder is there, or a file where the path needs a folder.</summary>
    /// <exception cref="ArtifactStoreException">The store can't take it; nothing has changed.</exception>
    public async Task<bool> TryReplaceAsync(ArtifactPlace place, IncomingObject content, CancellationToken cancellationToken)
    {
        if (await IsInTheWayAsync(place.RunKey, place.Path, cancellationToken))
        {
            return false;
        }

        // Before the row can be seen, so that what is listed can be read; and not while others wait for the database: a bucket may be slow.
        await content.KeepAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await IsInTheWayAsync(place.RunKey, place.Path, cancellationToken))
        {
            return false;
        }

        await ManyRows.InsertAsync(
            context,
            """artifacts ("RunKey", "Path", "SizeBytes", "Sha256")""",
            """("RunKey", "Path") DO UPDATE SET "SizeBytes" = excluded."SizeBytes", "Sha256" = excluded."Sha256" """,
            [[place.RunKey, place.Path, content.SizeBytes, content.Sha256]],
            cancellationToken);
        await CommitAsync(transaction, content, cancellationToken);
        return true;
    }

    /// <summary>
    /// Keeps content under the path. False when the run has other content there, or a file where the path needs a folder: then nothing is
    /// kept. The same content again changes nothing.
    /// </summary>
    /// <exception cref="ArtifactStoreException">The store can't take it; nothing has changed.</exception>
    public async Task<bool> TryAddAsync(Runs.Run run, string path, IncomingObject content, CancellationToken cancellationToken)
    {
        if (await IsInTheWayAsync(run.Key, path, cancellationToken) || (await FindAsync(run, path, cancellationToken) is { } known && known.Sha256 != content.Sha256))
        {
            return false;
        }

        await content.KeepAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await IsInTheWayAsync(run.Key, path, cancellationToken))
        {
            return false;
        }

        await ManyRows.InsertAsync(
            context,
            """artifacts ("RunKey", "Path", "SizeBytes", "Sha256")""",
            "DO NOTHING",
            [[run.Key, path, content.SizeBytes, content.Sha256]],
            cancellationToken);
        if (await FindAsync(run, path, cancellationToken) is not { } stored || stored.Sha256 != content.Sha256)
        {
            return false;
        }

        await CommitAsync(transaction, content, cancellationToken);
        return true;
    }

    /// <summary>A clean-up that did not see the row yet may have taken the content meanwhile; from now on it sees it.</summary>
    private static async Task CommitAsync(IDbContextTransaction transaction, IncomingObject content, CancellationToken cancellationToken)
    {
        await transaction.CommitAsync(cancellationToken);
        await content.KeepAsync(CancellationToken.None);
    }

    private Task<bool> IsInTheWayAsync(long runKey, string path, CancellationToken cancellationToken)
    {
        var folders = path.Select((c, i) => (c, i)).Where(at => at.c == '/').Select(at => path[..at.i]).ToList();
        // Everything below a folder lies between its name with a slash and its name with the character after the slash.
        var (first, last) = (path + "/", path + "0");
        return context.Artifacts.AnyAsync(
            artifact => artifact.RunKey == runKey
                && (folders.Contains(artifact.Path)
                    || (string.Compare(artifact.Path, first) > 0 && string.Compare(artifact.Path, last) < 0)),
            cancellationToken);
    }
}
