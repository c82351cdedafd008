using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Tests.Fakes;

namespace MLOpsLearn.Training.Tests;

/// <summary>The services around training; they outlive a restart of it.</summary>
internal sealed class Neighbours
{
    public Neighbours() => Registry = new FakeRegistry(Tracking);

    public FakeTracking Tracking { get; } = new();

    public FakeRegistry Registry { get; }

    public FakeMonitoring Monitoring { get; } = new();

    /// <summary>Puts bytes into a run of its own.</summary>
    public string Upload(string path, byte[] content)
    {
        var run = Guid.CreateVersion7().ToString("N");
        Tracking.Artifacts[$"{run}/{path}"] = content;
        return $"runs:/{run}/{path}";
    }

    public JobInput UploadedInput(string path, byte[] content) => new() { Files = new Files { Uris = { Upload(path, content) } } };

    public void Map(WebApplication app)
    {
        app.MapGrpcService<FakeTracking>();
        app.MapGrpcService<FakeRegistry>();
        app.MapGrpcService<FakeMonitoring>();
        app.MapGet("/api/tracking/v1/runs/{run}/artifacts/{**path}", (string run, string path) =>
            Tracking.Artifacts.TryGetValue($"{run}/{path}", out var content) ? Results.Bytes(content) : Results.NotFound());
        app.MapPut("/api/tracking/v1/runs/{run}/artifacts/{**path}", async (string run, string path, HttpRequest request) =>
        {
            using var memory = new MemoryStream();
            await request.Body.CopyToAsync(memory, request.HttpContext.RequestAborted);
            // Stored files don't change.
            return Tracking.Artifacts.GetOrAdd($"{run}/{path}", memory.ToArray()).AsSpan().SequenceEqual(memory.ToArray()) ? Results.Ok() : Results.Conflict();
        });
        app.MapGet("/api/monitoring/v1/exports/{name}", (string name) =>
            name == Convert.ToHexStringLower(SHA256.HashData(Monitoring.Window)) + ".parquet" ? Results.Bytes(Monitoring.Window) : Results.NotFound());
    }
}
