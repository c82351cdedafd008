using System.Data.Common;
using MLOpsLearn.Tracking.Metrics;
using MLOpsLearn.Tracking.Runs;
using V1 = MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.LoggedModels;

/// <summary>A value that was measured of a logged model.</summary>
internal readonly record struct MeasuredValue(LoggedValue Value, string RunId, string DatasetName, string DatasetDigest);

/// <summary>A logged model as it is read.</summary>
internal sealed record LoggedModelRecord(
    string ModelId, long ExperimentId, string Name, long CreatedMs, long UpdatedMs, string ArtifactUri, int Status, string? ModelType, string? SourceRunId, bool IsDeleted)
{
    /// <summary>The columns that <see cref="Read"/> takes, of the table alias l.</summary>
    public const string Columns =
        "l.model_id, l.experiment_id, l.name, l.created_ms, l.updated_ms, l.artifact_uri, l.status, l.model_type, l.source_run_id, l.deleted_ms";

    public List<KeyValuePair<string, string>> Params { get; } = [];

    public List<KeyValuePair<string, string>> Tags { get; } = [];

    public List<MeasuredValue> Metrics { get; } = [];

    public V1.LoggedModel ToProto()
    {
        var view = new V1.LoggedModel
        {
            ModelId = ModelId,
            ExperimentId = ExperimentId,
            Name = Name,
            CreateTime = Moments.Of(CreatedMs),
            UpdateTime = Moments.Of(UpdatedMs),
            ArtifactUri = ArtifactUri,
            Status = (V1.LoggedModelStatus)Status,
            ModelType = ModelType ?? "",
            SourceRunId = SourceRunId ?? "",
            Deleted = IsDeleted,
        };
        foreach (var (key, value) in Params)
        {
            view.Params.Add(key, value);
        }

        foreach (var (key, value) in Tags)
        {
            view.Tags.Add(key, value);
        }

        foreach (var metric in Metrics)
        {
            var value = metric.Value.ToProto();
            (value.ModelId, value.DatasetName, value.DatasetDigest) = (ModelId, metric.DatasetName, metric.DatasetDigest);
            view.Metrics.Add(new V1.ModelMetric { Metric = value, RunId = metric.RunId });
        }

        return view;
    }

    public static LoggedModelRecord Read(DbDataReader row) => new(
        row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5), row.GetInt32(6),
        row.IsDBNull(7) ? null : row.GetString(7), row.IsDBNull(8) ? null : row.GetString(8), !row.IsDBNull(9));
}
