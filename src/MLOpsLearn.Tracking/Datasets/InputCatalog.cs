using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Datasets;

/// <summary>The native contract's way to what runs took in and gave out.</summary>
internal sealed class InputCatalog(DatasetLog datasets)
{
    private const int Most = 100;
    private const int MostExperiments = 20;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT; NOT_FOUND for a run that there is not; FAILED_PRECONDITION for a deleted one.</exception>
    public async Task<LogInputsResponse> LogInputsAsync(LogInputsRequest request, CancellationToken cancellationToken)
    {
        var checks = RunCatalog.CheckRunId(request.RunId)
            .Require(request.Datasets.Count <= Most, "datasets", request.Datasets.Count, $"takes at most {Most} entries")
            .Require(request.ModelIds.Count <= Most, "model_ids", request.ModelIds.Count, $"takes at most {Most} entries");
        for (var i = 0; i < Math.Min(request.Datasets.Count, Most); i++)
        {
            Check(checks, $"datasets[{i}]", request.Datasets[i]);
        }

        for (var i = 0; i < Math.Min(request.ModelIds.Count, Most); i++)
        {
            CheckModelId(checks, $"model_ids[{i}]", request.ModelIds[i]);
        }

        checks.ThrowIfAny();
        var used = request.Datasets.Select(dataset => new UsedDataset(
            dataset.Name, dataset.Digest, dataset.SourceType, dataset.Source, dataset.Schema, dataset.Profile, dataset.Tags.ToDictionary())).ToList();
        await RefusedCalls.SayAsync(datasets.AddInputsAsync(request.RunId, used, [.. request.ModelIds], cancellationToken));
        return new LogInputsResponse();
    }

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT; NOT_FOUND for a run that there is not; FAILED_PRECONDITION for a deleted one.</exception>
    public async Task<LogOutputsResponse> LogOutputsAsync(LogOutputsRequest request, CancellationToken cancellationToken)
    {
        var checks = RunCatalog.CheckRunId(request.RunId).Require(request.Models.Count is >= 1 and <= Most, "models", request.Models.Count, $"takes 1 to {Most} entries");
        for (var i = 0; i < Math.Min(request.Models.Count, Most); i++)
        {
            CheckModelId(checks, $"models[{i}].model_id", request.Models[i].ModelId);
        }

        checks.ThrowIfAny();
        var models = request.Models.Select(model => new UsedModel(model.ModelId, IsOutput: true, model.Step)).ToList();
        await RefusedCalls.SayAsync(datasets.AddOutputsAsync(request.RunId, models, cancellationToken));
        return new LogOutputsResponse();
    }

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT.</exception>
    public async Task<SearchDatasetsResponse> SearchAsync(SearchDatasetsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Require(
            request.ExperimentIds.Count is >= 1 and <= MostExperiments, "experiment_ids", request.ExperimentIds.Count, $"takes 1 to {MostExperiments} entries").ThrowIfAny();
        var found = await datasets.SummariesAsync([.. request.ExperimentIds.Distinct()], cancellationToken);
        return new SearchDatasetsResponse
        {
            Datasets =
            {
                found.Select(summary => new Contracts.Tracking.V1.DatasetSummary
                {
                    ExperimentId = summary.ExperimentId,
                    Name = summary.Name,
                    Digest = summary.Digest,
                    Context = summary.Context ?? "",
                }),
            },
        };
    }

    public static FieldChecks CheckModelId(FieldChecks checks, string field, string modelId) => checks.Text(field, modelId, 34);

    private static void Check(FieldChecks checks, string field, Contracts.Tracking.V1.DatasetInput dataset)
    {
        checks.Text($"{field}.name", dataset.Name, 500).Text($"{field}.digest", dataset.Digest, 36)
            .Text($"{field}.source_type", dataset.SourceType, 500, required: false).Text($"{field}.source", dataset.Source, 65_535, required: false)
            .Text($"{field}.schema", dataset.Schema, 1_048_575, required: false).Text($"{field}.profile", dataset.Profile, 16_777_215, required: false)
            .Require(dataset.Tags.Count <= Most, $"{field}.tags", dataset.Tags.Count, $"takes at most {Most} entries");
        foreach (var (key, value) in dataset.Tags)
        {
            checks.Text($"{field}.tags key", key, 255).Text($"{field}.tags", value, 500, required: false);
        }
    }
}
