using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Registry.Tests;

/// <summary>What the other services know; the tests write into it.</summary>
internal sealed class World
{
    private int _runs;

    public ConcurrentDictionary<string, Run> Runs { get; } = new();

    public ConcurrentDictionary<(string Run, string Path), byte[]> Files { get; } = new();

    /// <summary>Logged models by id, with their tags.</summary>
    public ConcurrentDictionary<string, ConcurrentDictionary<string, string>> LoggedModels { get; } = new();

    public ConcurrentDictionary<string, Job> Jobs { get; } = new();

    public ConcurrentBag<Deployment> Deployments { get; } = [];

    /// <summary>The status that tracking answers everything with; OK when it works.</summary>
    public StatusCode Tracking { get; set; }

    /// <summary>The HTTP status of every download; 0 when it works.</summary>
    public int Downloads { get; set; }

    public StatusCode Others { get; set; }

    public string AddRun()
    {
        var id = Interlocked.Increment(ref _runs).ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
        Runs[id] = new Run { RunId = id, Status = RunStatus.Finished, StartTime = At(1), EndTime = At(2) };
        Files[(id, "model/model.bin")] = [1, 2, 3];
        return id;
    }

    public static Timestamp At(int minute) => new DateTimeOffset(2026, 1, 1, 0, minute, 0, TimeSpan.Zero).ToTimestamp();

    public static void ThrowUnless(StatusCode code)
    {
        if (code != StatusCode.OK)
        {
            throw new RpcException(new Status(code, "as the test wants it"));
        }
    }
}

internal sealed class FakeTracking(World world) : Contracts.Tracking.V1.Tracking.TrackingBase
{
    public override Task<Run> GetRun(GetRunRequest request, ServerCallContext context)
    {
        World.ThrowUnless(world.Tracking);
        return Task.FromResult(world.Runs.GetValueOrDefault(request.RunId) ?? throw RpcErrors.NotFound("run", request.RunId));
    }

    /// <summary>One artifact a page, so that every caller has to page.</summary>
    public override async Task<ListArtifactsResponse> ListArtifacts(ListArtifactsRequest request, ServerCallContext context)
    {
        await GetRun(new GetRunRequest { RunId = request.RunId }, context);
        var paths = world.Files.Keys.Where(key => key.Run == request.RunId && string.CompareOrdinal(key.Path, request.PageToken) > 0)
            .Select(key => key.Path).Order(StringComparer.Ordinal).ToList();
        return new ListArtifactsResponse
        {
            Artifacts = { paths.Take(1).Select(path => ToArtifact(path, world.Files[(request.RunId, path)])) },
            NextPageToken = paths.Count > 1 ? paths[0] : "",
        };
    }

    public async Task DownloadAsync(HttpContext http, string run, string path)
    {
        if (world.Downloads > 0)
        {
            http.Response.StatusCode = world.Downloads;
        }
        else if (world.Files.TryGetValue((run, path), out var bytes))
        {
            // Without a length, as a stranger might send it.
            await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
        }
        else
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    public IResult ShowLoggedModel(string id) => !world.LoggedModels.TryGetValue(id, out var tags) ? Results.NotFound() : Results.Json(new
    {
        model = new
        {
            info = new
            {
                model_id = id,
                artifact_uri = $"mlflow-artifacts:/0/models/{id}/artifacts",
                source_run_id = "0123456789abcdef0123456789abcdef",
                tags = tags.Select(tag => new { key = tag.Key, value = tag.Value }),
            },
            data = new
            {
                @params = new[] { new { key = "depth", value = "6" } },
                metrics = new[] { new { key = "rmse", value = 2.5, timestamp = 1, step = 0, model_id = id, run_id = "0123456789abcdef0123456789abcdef" } },
            },
        },
    });

    public async Task<IResult> TagLoggedModelAsync(string id, HttpRequest request)
    {
        using var body = await System.Text.Json.JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
        foreach (var tag in body.RootElement.GetProperty("tags").EnumerateArray())
        {
            world.LoggedModels[id][tag.GetProperty("key").GetString()!] = tag.GetProperty("value").GetString()!;
        }

        return Results.Json(new { });
    }

    private static Artifact ToArtifact(string path, byte[] bytes) =>
        new() { Path = path, SizeBytes = bytes.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
}

internal sealed class FakeTraining(World world) : Contracts.Training.V1.Training.TrainingBase
{
    public override Task<Job> GetJob(GetJobRequest request, ServerCallContext context)
    {
        World.ThrowUnless(world.Others);
        return Task.FromResult(world.Jobs.GetValueOrDefault(request.JobId) ?? throw RpcErrors.NotFound("job", request.JobId));
    }
}

internal sealed class FakeInference(World world) : Contracts.Inference.V1.Inference.InferenceBase
{
    public override Task<ListEndpointsResponse> ListEndpoints(ListEndpointsRequest request, ServerCallContext context)
    {
        World.ThrowUnless(world.Others);
        return Task.FromResult(new ListEndpointsResponse
        {
            Endpoints = { world.Deployments.Select(deployment => new Contracts.Inference.V1.Endpoint { Name = deployment.Endpoint, Model = deployment.Model }).Distinct() },
        });
    }

    public override Task<ListDeploymentsResponse> ListDeployments(ListDeploymentsRequest request, ServerCallContext context)
    {
        World.ThrowUnless(world.Others);
        return Task.FromResult(new ListDeploymentsResponse { Deployments = { world.Deployments.Where(deployment => deployment.Endpoint == request.Endpoint) } });
    }
}
