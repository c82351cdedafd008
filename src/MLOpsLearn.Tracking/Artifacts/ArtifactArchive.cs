using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>All files of a run as one zip, made while it is sent: nothing of it is kept on disk or in memory.</summary>
internal sealed class ArtifactArchive(ArtifactFolders folders, ArtifactStore store)
{
    private const int PageSize = 500;

    public async Task SendAsync(long runKey, HttpResponse response, CancellationToken cancellationToken)
    {
        var body = new LateWriteStream(response.Body);
        await using (var zip = await ZipArchive.CreateAsync(body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken))
        {
            await AddAllAsync(zip, runKey, cancellationToken);
        }

        await body.FlushAsync(cancellationToken);
    }

    private async Task AddAllAsync(ZipArchive zip, long runKey, CancellationToken cancellationToken)
    {
        var after = "";
        List<RunArtifact> page;
        do
        {
            page = await folders.FilesAsync(new ArtifactPlace(runKey, ""), after, PageSize, cancellationToken);
            foreach (var file in page)
            {
                var entry = zip.CreateEntry(file.Path, CompressionLevel.Fastest);
                await using var target = await entry.OpenAsync(cancellationToken);
                await using var content = await store.OpenAsync(file.Sha256, cancellationToken) ?? throw new IOException($"The content {file.Sha256} is gone from the store.");
                await content.CopyToAsync(target, cancellationToken);
                after = file.Path;
            }
        }
        while (page.Count == PageSize);
    }
}
