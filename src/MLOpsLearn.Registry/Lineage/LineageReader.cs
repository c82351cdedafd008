using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Lineage;

/// <summary>
/// Puts the chain of a version together: from what the registry owns, from what it heard, and by asking the owners for what it did not hear.
/// </summary>
internal sealed class LineageReader(
    RegistryDbContext context,
    VersionCatalog versions,
    AliasBook aliases,
    SourceRuns runs,
    Contracts.Training.V1.Training.TrainingClient training,
    Contracts.Inference.V1.Inference.InferenceClient inference,
    TimeProvider time)
{
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(5);

    public async Task<Contracts.Registry.V1.Lineage> ReadAsync(GetLineageRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Require(request.Version > 0 != request.Alias.Length > 0, "version", request.Version, "must be given, or alias, and not both").ThrowIfAny();
        var version = request.Alias.Length > 0
            ? await aliases.ResolveAsync(request.Model, request.Alias, cancellationToken)
            : await versions.GetAsync(request.Model, request.Version, cancellationToken);
        var lineage = new Contracts.Registry.V1.Lineage { Version = version };
        AddTrigger(lineage, version);
        await AddJobAsync(lineage, version, cancellationToken);
        await AddRunAsync(lineage, version, cancellationToken);
        lineage.Steps.Add(Step("version", $"{version.Model}/{version.Version}", version.CreateTime, $"version {version.Version} of {version.Model}"));
        await AddGateAsync(lineage, version, cancellationToken);
        await AddDeploymentsAsync(lineage, version, cancellationToken);
        var kinds = lineage.Steps.Select(step => step.Kind).ToHashSet();
        lineage.Complete = new[] { "trigger", "job", "run", "version", "gate", "deployment" }.All(kinds.Contains);
        return lineage;
    }

    private static void AddTrigger(Contracts.Registry.V1.Lineage lineage, ModelVersion version)
    {
        var origin = version.Origin;
        if (origin is not { TriggerKind.Length: > 0 })
        {
            return;
        }

        lineage.Steps.Add(Step(
            "trigger",
            origin.TriggerId,
            origin.TriggerTime,
            origin.TriggerReason.Length > 0 ? $"{origin.TriggerKind}: {origin.TriggerReason}" : origin.TriggerKind,
            ("kind", origin.TriggerKind)));
    }

    private async Task AddJobAsync(Contracts.Registry.V1.Lineage lineage, ModelVersion version, CancellationToken cancellationToken)
    {
        if (version.Origin is not { JobId.Length: > 0 } origin)
        {
            return;
        }

        var window = origin.WindowStart is { } start && origin.WindowEnd is { } end
            ? string.Create(CultureInfo.InvariantCulture, $", on data from {start.ToDateTime():yyyy-MM-dd} to {end.ToDateTime():yyyy-MM-dd}")
            : "";
        var fact = await context.Jobs.AsNoTracking().FirstOrDefaultAsync(job => job.JobId == origin.JobId, cancellationToken);
        var (state, at) = fact is not null ? (fact.State, fact.Time.ToTimestamp()) : await AskForJobAsync(origin.JobId, cancellationToken);
        if (state.Length > 0)
        {
            lineage.Steps.Add(Step(
                "job",
                origin.JobId,
                at,
                $"job of pipeline {origin.Pipeline} (version {origin.PipelineVersion}) {state}{window}",
                ("pipeline", origin.Pipeline),
                ("dataset_sha256", origin.DatasetSha256)));
        }
    }

    private async Task<(string State, Timestamp? Time)> AskForJobAsync(string jobId, CancellationToken cancellationToken)
    {
        try
        {
            var job = await training.GetJobAsync(new GetJobRequest { JobId = jobId }, deadline: Deadline, cancellationToken: cancellationToken);
            return (job.State.ToString().ToLowerInvariant(), job.EndTime ?? job.CreateTime);
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // The owner is away or has forgotten: the chain is shown as incomplete.
            return ("", null);
        }
    }

    private async Task AddRunAsync(Contracts.Registry.V1.Lineage lineage, ModelVersion version, CancellationToken cancellationToken)
    {
        // A version that a foreign client registered may come from no run, and then its source is all that is known.
        if (version.RunId.Length > 0)
        {
            var description = version.ArtifactPath.Length > 0
                ? $"run {version.RunId} with the model in '{version.ArtifactPath}'"
                : $"run {version.RunId}, registered from {version.Source}";
            var time = await runs.TimeOfAsync(version.RunId, cancellationToken);
            lineage.Steps.Add(Step("run", version.RunId, time, description, ("model_sha256", version.ModelSha256), ("source", version.Source)));
        }
    }

    private async Task AddGateAsync(Contracts.Registry.V1.Lineage lineage, ModelVersion version, CancellationToken cancellationToken)
    {
        // The gate that let it through, whatever it was asked before and since.
        var gate = await context.Evaluations.AsNoTracking()
            .Where(evaluation => evaluation.Workspace == version.Workspace && evaluation.Model == version.Model && evaluation.Version == version.Version)
            .OrderByDescending(evaluation => evaluation.Verdict == Verdict.Promoted).ThenByDescending(evaluation => evaluation.Id)
            .FirstOrDefaultAsync(cancellationToken);
        if (gate?.ToProto() is not { } evaluation)
        {
            return;
        }

        lineage.Steps.Add(Step(
            "gate",
            evaluation.EvaluationId,
            evaluation.CreateTime,
            $"{evaluation.Verdict.ToString().ToLowerInvariant()}: {evaluation.Reason}",
            ("verdict", evaluation.Verdict.ToString().ToLowerInvariant()),
            ("champion_version", evaluation.ChampionVersion.ToString(CultureInfo.InvariantCulture))));
    }

    private async Task AddDeploymentsAsync(Contracts.Registry.V1.Lineage lineage, ModelVersion version, CancellationToken cancellationToken)
    {
        var facts = await context.Deployments.AsNoTracking()
            .Where(deployment => deployment.Workspace == Workspaces.Default && deployment.Model == version.Model && deployment.Version == version.Version)
            .OrderBy(deployment => deployment.SwapTime).Take(100).ToListAsync(cancellationToken);
        if (facts.Count == 0 || facts.TrueForAll(fact => fact.FirstResponseTime is null))
        {
            facts = await AskForDeploymentsAsync(version, cancellationToken) is { Count: > 0 } asked ? asked : facts;
        }

        foreach (var fact in facts)
        {
            lineage.Steps.Add(Step(
                "deployment", fact.DeploymentId, fact.SwapTime.ToTimestamp(), $"endpoint {fact.Endpoint} answers with version {fact.Version}", ("endpoint", fact.Endpoint)));
            if (fact.FirstResponseTime is { } first)
            {
                lineage.Steps.Add(Step("first-response", fact.DeploymentId, first.ToTimestamp(), $"first answer of version {fact.Version} on {fact.Endpoint}", ("endpoint", fact.Endpoint)));
            }
        }
    }

    private async Task<List<DeploymentFact>> AskForDeploymentsAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        try
        {
            var found = new List<DeploymentFact>();
            var endpoints = await inference.ListEndpointsAsync(new ListEndpointsRequest { PageSize = 1000 }, deadline: Deadline, cancellationToken: cancellationToken);
            foreach (var endpoint in endpoints.Endpoints.Where(endpoint => endpoint.Model == version.Model))
            {
                var page = await inference.ListDeploymentsAsync(
                    new ListDeploymentsRequest { Endpoint = endpoint.Name, PageSize = 1000 }, deadline: Deadline, cancellationToken: cancellationToken);
                found.AddRange(page.Deployments.Where(deployment => deployment.Version == version.Version).Select(deployment => new DeploymentFact
                {
                    DeploymentId = deployment.DeploymentId,
                    Workspace = version.Workspace,
                    Endpoint = deployment.Endpoint,
                    Model = deployment.Model,
                    Version = deployment.Version,
                    SwapTime = deployment.SwapTime.ToDateTimeOffset(),
                    FirstResponseTime = deployment.FirstResponseTime?.ToDateTimeOffset(),
                }));
            }

            return [.. found.OrderBy(fact => fact.SwapTime)];
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    private DateTime Deadline => time.GetUtcNow().UtcDateTime + CallDeadline;

    private static LineageStep Step(string kind, string id, Timestamp? at, string description, params (string Key, string Value)[] attributes) => new()
    {
        Kind = kind,
        Id = id,
        Time = at,
        Description = description,
        Attributes = { attributes.ToDictionary(attribute => attribute.Key, attribute => attribute.Value) },
    };
}
