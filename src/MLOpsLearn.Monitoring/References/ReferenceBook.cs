using System.Security.Cryptography;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Monitoring.Alerts;
using MLOpsLearn.Monitoring.Data;

namespace MLOpsLearn.Monitoring.References;

/// <summary>Fetches references and puts them into force.</summary>
internal sealed class ReferenceBook(
    MonitoringDbContext context,
    ReferenceKeeper keeper,
    IncidentBook incidents,
    Contracts.Registry.V1.Registry.RegistryClient registry,
    IHttpClientFactory http,
    IOptions<MonitoringOptions> options,
    TimeProvider time)
{
    /// <summary>Where the training job leaves the held-out rows of a version, beside the folder of its model.</summary>
    private const string ScoredRowsPath = "evaluation/scored-rows.parquet";

    private const long MaxBytes = 512L * 1024 * 1024;
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(10);

    public async Task<Reference> PutAsync(PutReferenceRequest request, Subject subject, CancellationToken cancellationToken)
    {
        new FieldChecks().Range("version", request.Version, 1, int.MaxValue)
            .Require(request.RunId.Length == 32 && request.RunId.All(char.IsAsciiHexDigitLower), "run_id", request.RunId, "must be 32 hexadecimal digits")
            .Text("artifact_path", request.ArtifactPath, 1000).ThrowIfAny();
        try
        {
            return (await FetchAsync(subject, request.Version, request.RunId, request.ArtifactPath, cancellationToken)).ToProto();
        }
        catch (InvalidDataException exception)
        {
            throw RpcErrors.FailedPrecondition("REFERENCE_UNUSABLE", request.ArtifactPath, exception.Message);
        }
    }

    public async Task<Reference> GetAsync(string endpoint, int version, CancellationToken cancellationToken)
    {
        new FieldChecks().Range("version", version, 0, int.MaxValue).ThrowIfAny();
        var reference = await context.References.AsNoTracking()
            .FirstOrDefaultAsync(known => known.Endpoint == endpoint && (version == 0 ? known.InForce : known.Version == version), cancellationToken);
        return reference?.ToProto() ?? throw RpcErrors.NotFound("reference", version == 0 ? endpoint : $"{endpoint}/{version}");
    }

    /// <summary>Makes sure that the reference of a version that serves is here and in force.</summary>
    /// <returns>False when the version has no scored rows: it was not made by one of our jobs.</returns>
    public async Task<bool> EnsureServingAsync(Subject subject, int version, CancellationToken cancellationToken)
    {
        var known = await context.References.AsNoTracking()
            .FirstOrDefaultAsync(reference => reference.Endpoint == subject.Endpoint && reference.Version == version, cancellationToken);
        if (known is { InForce: true })
        {
            return true;
        }

        if (known is null)
        {
            try
            {
                var registered = await registry.GetModelVersionAsync(
                    new GetModelVersionRequest { Model = subject.Model, Version = version },
                    deadline: time.GetUtcNow().UtcDateTime + CallDeadline,
                    cancellationToken: cancellationToken);
                await FetchAsync(subject, version, registered.RunId, BesideModel(registered.ArtifactPath), cancellationToken);
                return true;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
            {
                return false;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }

        await PutIntoForceAsync(subject.Endpoint, version, null, cancellationToken);
        return true;
    }

    private static string BesideModel(string modelFolder) => modelFolder[..(modelFolder.LastIndexOf('/') + 1)] + ScoredRowsPath;

    private async Task<StoredReference> FetchAsync(Subject subject, int version, string runId, string path, CancellationToken cancellationToken)
    {
        var sha256 = await DownloadAsync(runId, path, cancellationToken);
        var rows = await ReferenceFile.ReadAsync(options.Value.ReferencePath(sha256), subject, cancellationToken);
        var reference = new StoredReference
        {
            Endpoint = subject.Endpoint,
            Version = version,
            RunId = runId,
            ArtifactPath = path,
            Sha256 = sha256,
            Rows = rows.Quality.Rows,
            Rmse = rows.Quality.Rmse ?? throw new InvalidDataException("The reference has no row with a label and a prediction."),
            Mae = rows.Quality.Mae ?? double.NaN,
            Skill = rows.Quality.Skill,
            CreatedAt = time.GetUtcNow(),
        };
        await PutIntoForceAsync(subject.Endpoint, version, reference, cancellationToken);
        return reference;
    }

    /// <summary>One reference is in force at a time; alerts on the version before it have done their work.</summary>
    private async Task PutIntoForceAsync(string endpoint, int version, StoredReference? added, CancellationToken cancellationToken)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.References.Where(reference => reference.Endpoint == endpoint && (reference.InForce || (added != null && reference.Version == version)))
            .ExecuteUpdateAsync(update => update.SetProperty(reference => reference.InForce, false), cancellationToken);
        if (added is not null)
        {
            await context.References.Where(reference => reference.Endpoint == endpoint && reference.Version == version).ExecuteDeleteAsync(cancellationToken);
            added.InForce = true;
            context.References.Add(added);
        }
        else
        {
            await context.References.Where(reference => reference.Endpoint == endpoint && reference.Version == version)
                .ExecuteUpdateAsync(update => update.SetProperty(reference => reference.InForce, true), cancellationToken);
        }

        await incidents.SupersedeAsync(endpoint, version, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        context.ChangeTracker.Clear();
        keeper.Renewed(endpoint, version);
    }

    private async Task<string> DownloadAsync(string runId, string path, CancellationToken cancellationToken)
    {
        using var client = http.CreateClient("tracking");
        using var response = await client.GetAsync(
            new Uri($"api/tracking/v1/runs/{runId}/artifacts/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidDataException($"Run {runId} has no readable artifact '{path}' (HTTP {(int)response.StatusCode}).");
        }

        if (response.Content.Headers.ContentLength > MaxBytes)
        {
            throw new InvalidDataException($"'{path}' is larger than {MaxBytes / 1024 / 1024} MiB.");
        }

        var temporary = options.Value.ReferencePath($"incoming-{Guid.CreateVersion7():N}");
        Directory.CreateDirectory(Path.GetDirectoryName(temporary)!);
        try
        {
            string sha256;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024))
            {
                await response.Content.CopyToAsync(file, cancellationToken);
                file.Position = 0;
                sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
            }

            File.Move(temporary, options.Value.ReferencePath(sha256), overwrite: true);
            return sha256;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
