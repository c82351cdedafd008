using System.Net.Http.Headers;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Worker.Runs;

/// <summary>The job's run in Tracking. Its request ids are made from the job's id, so that another attempt takes up the same run.</summary>
internal sealed class RunLog(Tracking.TrackingClient tracking, HttpClient http, WorkerEnvironment environment, TimeProvider time)
{
    public async Task<string> OpenAsync(Assignment assignment, string experiment, CancellationToken cancellationToken)
    {
        var created = await tracking.CreateRunAsync(
            new CreateRunRequest
            {
                RequestId = RequestIds.Derive(assignment.JobId, "run"),
                ExperimentId = await ExperimentAsync(experiment, cancellationToken),
                Name = $"{assignment.Pipeline} {assignment.JobId}",
                Tags =
                {
                    ["mlopslearn.job_id"] = assignment.JobId,
                    ["mlopslearn.pipeline"] = assignment.Pipeline,
                    ["mlopslearn.trigger"] = assignment.Trigger.Kind,
                },
            },
            deadline: Deadline(),
            cancellationToken: cancellationToken);
        return created.RunId;
    }

    /// <summary>The tags of a run; empty when there is no such run.</summary>
    public async Task<IReadOnlyDictionary<string, string>> TagsAsync(string runId, CancellationToken cancellationToken)
    {
        try
        {
            var run = await tracking.GetRunAsync(new GetRunRequest { RunId = runId }, deadline: Deadline(), cancellationToken: cancellationToken);
            return new Dictionary<string, string>(run.Tags);
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument)
        {
            return new Dictionary<string, string>();
        }
    }

    public async Task LogAsync(LogBatchRequest batch, CancellationToken cancellationToken)
    {
        var now = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        foreach (var metric in batch.Metrics)
        {
            metric.Time = now;
        }

        await tracking.LogBatchAsync(batch, deadline: Deadline(), cancellationToken: cancellationToken);
    }

    public async Task UploadAsync(string runId, string artifactPath, string file, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        using var content = new StreamContent(stream);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await http.PutAsync(
            new Uri(environment.TrackingHttp, $"api/tracking/v1/runs/{runId}/artifacts/{artifactPath}"), content, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new WorkFault($"Artifact '{artifactPath}' could not be stored: HTTP {(int)response.StatusCode}{await WhyAsync(response, cancellationToken)}", isRetryable: true);
        }
    }

    /// <summary>What the store says of it, from its ProblemDetails; a full stop when it says nothing that can be read.</summary>
    private static async Task<string> WhyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            return problem.RootElement.TryGetProperty("detail", out var detail) ? $": {detail.GetString()}" : ".";
        }
        catch (JsonException)
        {
            return ".";
        }
    }

    public async Task FinishAsync(string runId, CancellationToken cancellationToken) =>
        await tracking.FinishRunAsync(
            new FinishRunRequest { RunId = runId, Status = RunStatus.Finished }, deadline: Deadline(), cancellationToken: cancellationToken);

    private async Task<long> ExperimentAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindExperimentAsync(name, cancellationToken) is { } known)
        {
            return known;
        }

        try
        {
            var created = await tracking.CreateExperimentAsync(
                new CreateExperimentRequest { RequestId = RequestIds.Derive("experiment", name, environment.JobId), Name = name },
                deadline: Deadline(),
                cancellationToken: cancellationToken);
            return created.ExperimentId;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.AlreadyExists)
        {
            // Another job made it in the meantime.
            return await FindExperimentAsync(name, cancellationToken)
                ?? throw new WorkFault($"Experiment '{name}' can neither be made nor found.", isRetryable: true, exception);
        }
    }

    private async Task<long?> FindExperimentAsync(string name, CancellationToken cancellationToken)
    {
        var found = await tracking.ListExperimentsAsync(
            new ListExperimentsRequest { Name = name, PageSize = 1 }, deadline: Deadline(), cancellationToken: cancellationToken);
        return found.Experiments.FirstOrDefault()?.ExperimentId;
    }

    private DateTime Deadline() => time.GetUtcNow().UtcDateTime.AddSeconds(30);
}
