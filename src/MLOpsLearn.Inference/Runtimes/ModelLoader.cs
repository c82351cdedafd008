using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using MLOpsLearn.Learning.Formats;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Runtimes;

/// <summary>
/// Brings versions into memory: from the folder of files by digest, or from tracking into that folder. A file whose SHA-256 is not the one that
/// the registry keeps is never loaded, wherever it came from.
/// </summary>
internal sealed class ModelLoader(IHttpClientFactory http, IOptions<InferenceOptions> options, TimeProvider time)
{
    private const int WarmUpRows = 256;
    private const string IncomingPrefix = "incoming-";

    /// <summary>A broken file is not fetched again for a while, so that it costs nothing while an alias names it.</summary>
    private static readonly TimeSpan RefusalPause = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (string Reason, DateTimeOffset Until)> _refused = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WeakReference<FittedPipeline>> _loaded = new(StringComparer.Ordinal);

    /// <exception cref="ModelUnusableException">The file is absent, differs from its digest, or is no model.</exception>
    public async Task<LoadedVersion> LoadAsync(KnownVersion version, CancellationToken cancellationToken)
    {
        // Two endpoints, or a shadow that becomes live, share one copy in memory.
        if (_loaded.TryGetValue(version.Sha256, out var known) && known.TryGetTarget(out var shared))
        {
            return new LoadedVersion(version, shared);
        }

        if (_refused.TryGetValue(version.Sha256, out var refusal) && time.GetUtcNow() < refusal.Until)
        {
            throw new ModelUnusableException(refusal.Reason);
        }

        try
        {
            return new LoadedVersion(version, await ReadAsync(version, cancellationToken));
        }
        catch (ModelUnusableException exception) when (!exception.IsPassing)
        {
            _refused[version.Sha256] = (exception.Message, time.GetUtcNow() + RefusalPause);
            throw;
        }
    }

    /// <summary>Makes the folder, and removes what an interrupted download left there.</summary>
    public void Prepare()
    {
        foreach (var file in Directory.CreateDirectory(options.Value.CacheRoot).EnumerateFiles(IncomingPrefix + "*"))
        {
            file.Delete();
        }
    }

    private async Task<FittedPipeline> ReadAsync(KnownVersion version, CancellationToken cancellationToken)
    {
        if (version.Sha256.Length != 64 || !version.Sha256.All(char.IsAsciiHexDigitLower))
        {
            throw new ModelUnusableException($"Version {version.Version} of {version.Model} has no digest.");
        }

        var path = Path.Combine(options.Value.CacheRoot, version.Sha256 + ".bin");
        if (File.Exists(path) && await HasDigestAsync(path, version.Sha256, cancellationToken))
        {
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }
        else
        {
            await DownloadAsync(version, path, cancellationToken);
        }

        var pipeline = Read(version, path);
        WarmUp(pipeline);
        _loaded[version.Sha256] = new WeakReference<FittedPipeline>(pipeline);
        Trim(path);
        return pipeline;
    }

    private static FittedPipeline Read(KnownVersion version, string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 256 * 1024);
            return FittedPipelineFormat.Read(stream);
        }
        catch (InvalidModelException exception)
        {
            throw new ModelUnusableException($"Version {version.Version} of {version.Model} can't be loaded: {exception.Message}", cause: exception);
        }
    }

    /// <summary>Scores made-up rows, so that the first real call finds everything compiled and in the cache.</summary>
    private static void WarmUp(FittedPipeline pipeline)
    {
        var columns = pipeline.Signature.Inputs.Select(input => input.Kind == ColumnKind.Numeric
            ? (TableColumn)new TableColumn.Numeric(input.Name, new double[WarmUpRows])
            : new TableColumn.Categorical(input.Name, new int[WarmUpRows], ["1"])).ToList();
        for (var round = 0; round < 3; round++)
        {
            pipeline.Score(new ColumnTable(columns), new double[WarmUpRows]);
        }
    }

    private async Task DownloadAsync(KnownVersion version, string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Value.CacheRoot);
        var temporary = Path.Combine(options.Value.CacheRoot, $"{IncomingPrefix}{Guid.CreateVersion7():N}");
        try
        {
            using var client = http.CreateClient("tracking");
            var file = $"{version.ArtifactPath}/{version.ModelFile}";
            using var response = await client.GetAsync(
                new Uri($"api/tracking/v1/runs/{version.RunId}/artifacts/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}", UriKind.Relative),
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new ModelUnusableException(
                    $"Run {version.RunId} has no readable artifact '{file}' (HTTP {(int)response.StatusCode}).", isPassing: (int)response.StatusCode >= 500);
            }

            if (response.Content.Headers.ContentLength > options.Value.MaxModelBytes)
            {
                throw new ModelUnusableException($"The model file has {response.Content.Headers.ContentLength} bytes, more than Inference__MaxModelBytes allows ({options.Value.MaxModelBytes}).");
            }

            await using (var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024))
            {
                await response.Content.CopyToAsync(target, cancellationToken);
            }

            if (!await HasDigestAsync(temporary, version.Sha256, cancellationToken))
            {
                throw new ModelUnusableException($"The model file of version {version.Version} of {version.Model} differs from the digest that the registry keeps; it is refused.");
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is HttpRequestException or HttpIOException
            || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ModelUnusableException($"Tracking can't be reached for version {version.Version} of {version.Model}: {exception.Message}", isPassing: true, exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static async Task<bool> HasDigestAsync(string path, string sha256, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)) == sha256;
    }

    private void Trim(string justUsed)
    {
        foreach (var old in new DirectoryInfo(options.Value.CacheRoot).EnumerateFiles("*.bin")
            .OrderByDescending(file => file.LastWriteTimeUtc).Skip(options.Value.CachedFiles).Where(file => file.FullName != Path.GetFullPath(justUsed)))
        {
            old.Delete();
        }
    }
}
