using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using MLOpsLearn.Contracts.Errors;

namespace MLOpsLearn.Registry.Promotion;

/// <summary>Fetches a run's scored rows from tracking into a temporary file of bounded size, and has them read.</summary>
internal sealed class ScoredRowsFile(IHttpClientFactory http)
{
    /// <summary>Largest file, in bytes.</summary>
    public const long MaxBytes = 512L * 1024 * 1024;

    private const int BufferBytes = 128 * 1024;

    /// <returns>The rows, or the reason why this file can't give any; the reason stays the same however often one tries.</returns>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE when tracking does not answer: that says nothing about the file.</exception>
    public async Task<(ScoredRows? Rows, string? Fault)> FetchAsync(string runId, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var client = http.CreateClient("tracking");
            using var response = await client.GetAsync(
                new Uri($"api/tracking/v1/runs/{runId}/artifacts/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}", UriKind.Relative),
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return (int)response.StatusCode is >= 400 and < 500 and not (int)HttpStatusCode.RequestTimeout and not (int)HttpStatusCode.TooManyRequests
                    ? (null, $"run {runId} has no readable artifact '{path}' (HTTP {(int)response.StatusCode})")
                    : throw NoAnswer($"HTTP {(int)response.StatusCode}");
            }

            return await ReadAsync(response, path, cancellationToken);
        }
        catch (Exception exception) when (
            exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw NoAnswer(exception.Message);
        }

        Grpc.Core.RpcException NoAnswer(string why) =>
            RpcErrors.Unavailable("TRACKING", $"The scored rows '{path}' of run {runId} could not be fetched ({why}); nothing was decided, try again.");
    }

    private static async Task<(ScoredRows? Rows, string? Fault)> ReadAsync(HttpResponseMessage response, string path, CancellationToken cancellationToken)
    {
        var tooLarge = $"'{path}' is larger than {MaxBytes / 1024 / 1024} MiB";
        if (response.Content.Headers.ContentLength > MaxBytes)
        {
            return (null, tooLarge);
        }

        await using var file = new FileStream(
            Path.Combine(Path.GetTempPath(), $"scored-rows-{Guid.CreateVersion7():N}.parquet"),
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            BufferBytes,
            FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int count;
            while ((count = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                // The announced length is only what somebody said, if it was said at all.
                if (file.Position + count > MaxBytes)
                {
                    return (null, tooLarge);
                }

                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        file.Position = 0;
        return await ScoredRowsReader.ReadAsync(file, Convert.ToHexStringLower(hash.GetHashAndReset()), cancellationToken);
    }
}
