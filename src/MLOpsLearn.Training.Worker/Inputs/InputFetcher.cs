using System.Net;
using System.Security.Cryptography;
using Grpc.Core;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Worker.Inputs;

/// <summary>Brings a job's input into the job's own folder: artifacts of runs, rows that monitoring joined. Files below data roots stay where they are.</summary>
internal sealed class InputFetcher(HttpClient http, Monitoring.MonitoringClient monitoring, WorkerEnvironment environment, string folder, TimeProvider time)
{
    private const int BufferBytes = 1 << 20;
    private static readonly TimeSpan AwayPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AwayPause = TimeSpan.FromSeconds(1);

    /// <exception cref="WorkFault">An input is not there or not what it should be.</exception>
    public async Task<IReadOnlyList<InputFile>> FetchFilesAsync(Files files, CancellationToken cancellationToken)
    {
        var fetched = new List<InputFile>();
        foreach (var uri in files.Uris)
        {
            fetched.Add(await FetchAsync(uri, fetched.Count, cancellationToken));
        }

        return fetched;
    }

    /// <summary>The rows of the window whose labels are known, as one file.</summary>
    public async Task<InputFile> FetchWindowAsync(WindowInput window, CancellationToken cancellationToken)
    {
        var name = $"monitoring:{window.Endpoint} from {window.Start.ToDateTimeOffset():yyyy-MM-dd'T'HH:mm:ss'Z'} to {window.End.ToDateTimeOffset():yyyy-MM-dd'T'HH:mm:ss'Z'}";
        ExportedWindow exported;
        try
        {
            exported = await monitoring.ExportWindowAsync(
                new ExportWindowRequest { Endpoint = window.Endpoint, Start = window.Start, End = window.End, AsOf = window.AsOf },
                deadline: time.GetUtcNow().UtcDateTime.AddMinutes(2),
                cancellationToken: cancellationToken);
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument or StatusCode.FailedPrecondition)
        {
            throw new WorkFault($"Input '{name}' can't be had: {exception.Status.Detail}", isRetryable: false, exception);
        }

        if (exported.Rows == 0)
        {
            throw new WorkFault($"Input '{name}' has no row with a label ({exported.UnlabelledRows} without).");
        }

        var path = Path.Combine(folder, "window.parquet");
        var sha256 = await DownloadAsync(new Uri(environment.MonitoringHttp, exported.Path), path, name, cancellationToken);
        return sha256 == exported.Sha256
            ? new InputFile(name, path, sha256)
            : throw new WorkFault($"Input '{name}' arrived with another digest than monitoring announced.", isRetryable: true);
    }

    /// <summary>An artifact of a run, held to its digest.</summary>
    public async Task<string> FetchArtifactAsync(string runId, string artifactPath, string sha256, string fileName, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, fileName);
        var found = await DownloadAsync(ArtifactAddress(runId, artifactPath), path, $"runs:/{runId}/{artifactPath}", cancellationToken);
        return string.Equals(found, sha256, StringComparison.OrdinalIgnoreCase)
            ? path
            : throw new WorkFault($"Artifact runs:/{runId}/{artifactPath} has SHA-256 {found}, the registry knows {sha256}: it is refused.");
    }

    private Uri ArtifactAddress(string runId, string artifactPath) =>
        new(environment.TrackingHttp, $"api/tracking/v1/runs/{runId}/artifacts/{string.Join('/', artifactPath.Split('/').Select(Uri.EscapeDataString))}");

    private async Task<InputFile> FetchAsync(string uri, int number, CancellationToken cancellationToken)
    {
        if (uri.StartsWith("file:", StringComparison.Ordinal))
        {
            var file = DataRoots.Resolve(uri, environment.DataRoots);
            await using var stream = File.OpenRead(file);
            return new InputFile(uri, file, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)));
        }

        var parts = uri.StartsWith("runs:/", StringComparison.Ordinal) ? uri["runs:/".Length..].Split('/', 2) : [];
        if (parts.Length != 2)
        {
            throw new WorkFault($"Input '{uri}' must be runs:/<run id>/<artifact path> or file:<absolute path>.");
        }

        // Only the ending of the foreign name is kept: DuckDB reads by it, and nothing else of it can lead out of our folder.
        var path = Path.Combine(folder, $"input-{number}{(uri.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? ".csv" : ".parquet")}");
        return new InputFile(uri, path, await DownloadAsync(ArtifactAddress(parts[0], parts[1]), path, uri, cancellationToken));
    }

    /// <summary>A service whose database comes back meanwhile costs the job no attempt.</summary>
    private async Task<HttpResponseMessage> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || time.GetElapsedTime(started) >= AwayPatience)
            {
                return response;
            }

            response.Dispose();
            await Task.Delay(AwayPause, time, cancellationToken);
        }
    }

    private async Task<string> DownloadAsync(Uri address, string path, string name, CancellationToken cancellationToken)
    {
        using var response = await AskAsync(address, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new WorkFault($"Input '{name}' can't be had: HTTP {(int)response.StatusCode}.", isRetryable: (int)response.StatusCode >= 500);
        }

        await using var source = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var target = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        for (int read; (read = await source.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
