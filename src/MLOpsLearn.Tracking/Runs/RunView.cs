using MLOpsLearn.Contracts;
using V1 = MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Runs as the native contract shows them.</summary>
internal static class RunView
{
    /// <summary>A run; without what was logged to it when that is null.</summary>
    public static V1.Run Of(RunRecord run, RunData? data)
    {
        var view = new V1.Run
        {
            RunId = run.RunId,
            ExperimentId = run.ExperimentId,
            Name = run.Name,
            Status = run.Status,
            StartTime = Moments.Of(run.StartMs),
            EndTime = run.EndMs is { } end ? Moments.Of(end) : null,
            Workspace = Workspaces.Default,
            Deleted = run.IsDeleted,
            UserId = run.UserId,
            ArtifactUri = run.ArtifactUri,
        };
        if (data is not null)
        {
            Add(view, data);
        }

        return view;
    }

    private static void Add(V1.Run view, RunData data)
    {
        foreach (var (key, value) in data.Params)
        {
            view.Params.Add(key, value);
        }

        foreach (var (key, value) in data.Tags)
        {
            view.Tags.Add(key, value);
        }

        view.Metrics.Add(data.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal).Select(metric => metric.ToProto()));
        foreach (var dataset in data.Datasets)
        {
            if (dataset.Content is { } content)
            {
                view.Datasets.Add(new V1.Dataset
                {
                    Name = dataset.Name,
                    Digest = dataset.Digest,
                    Sha256 = content.Sha256,
                    Source = dataset.Source,
                    Rows = content.Rows,
                    Context = dataset.Tags.GetValueOrDefault(RunReader.ContextTag) ?? "",
                });
                continue;
            }

            view.DatasetInputs.Add(new V1.DatasetInput
            {
                Name = dataset.Name,
                Digest = dataset.Digest,
                SourceType = dataset.SourceType,
                Source = dataset.Source,
                Schema = dataset.Schema,
                Profile = dataset.Profile,
                Tags = { dataset.Tags.ToDictionary() },
            });
        }

        foreach (var model in data.Models)
        {
            if (model.IsOutput)
            {
                view.ModelOutputs.Add(new V1.ModelOutput { ModelId = model.ModelId, Step = model.Step });
            }
            else
            {
                view.ModelInputs.Add(model.ModelId);
            }
        }
    }
}
