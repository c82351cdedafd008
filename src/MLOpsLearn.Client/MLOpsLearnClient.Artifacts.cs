using System.Security.Cryptography;
using MLOpsLearn.Client.Transfer;

namespace MLOpsLearn.Client;

public sealed partial class MLOpsLearnClient
{
    private const int CopyBytes = 128 * 1024;

    /// <summary>
    /// Downloads an artifact of a run. The file gets its name when it is whole and its SHA-256 is the one that the server announced; what was there before is replaced.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="path">The artifact's path in the run.</param>
    /// <param name="file">Where to put it; its folder must be there.</param>
    /// <param name="cancellationToken">Ends it; nothing is left then.</param>
    /// <returns>Its size in bytes.</returns>
    /// <exception cref="HttpRequestException">There is no such artifact, or the server is away.</exception>
    /// <exception cref="InvalidDataException">What came is not what was announced.</exception>
    public async Task<long> DownloadArtifactAsync(string runId, string path, string file, CancellationToken cancellationToken = default)
    {
        var part = $"{file}.{Guid.CreateVersion7():N}.part";
        try
        {
            var size = await Silence.LimitAsync(LongestSilence, silence => DownloadToAsync(runId, path, part, silence), cancellationToken);
            File.Move(part, file, overwrite: true);
            return size;
        }
        finally
        {
            File.Delete(part);
        }
    }

    private async Task<long> DownloadToAsync(string runId, string path, string part, Silence silence)
    {
        var cancellationToken = silence.Token;
        using var response = await _http.GetAsync(ArtifactUri(runId, path), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"'{path}' could not be downloaded from run {runId}: {await response.Content.ReadAsStringAsync(cancellationToken)}", null, response.StatusCode);
        }

        var announced = response.Headers.TryGetValues("X-Content-SHA256", out var values) ? values.First() : null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var source = silence.Over(await response.Content.ReadAsStreamAsync(cancellationToken));
        await using var target = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
        var buffer = new byte[CopyBytes];
        for (int read; (read = await source.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        return announced is null || string.Equals(announced, found, StringComparison.OrdinalIgnoreCase)
            ? target.Length
            : throw new InvalidDataException($"'{path}' of run {runId} came with SHA-256 {found}, but {announced} was announced.");
    }
}
