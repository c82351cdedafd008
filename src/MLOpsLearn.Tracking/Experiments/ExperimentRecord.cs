using System.Data.Common;
using MLOpsLearn.Contracts;
using MLOpsLearn.Tracking.Runs;
using V1 = MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Experiments;

/// <summary>An experiment as it is read.</summary>
internal sealed record ExperimentRecord(long Id, string Name, string? ArtifactLocation, long CreatedMs, long UpdatedMs, bool IsDeleted)
{
    /// <summary>The columns that <see cref="Read"/> takes, of the table alias e.</summary>
    public const string Columns = "e.id, e.name, e.artifact_location, e.created_ms, e.updated_ms, e.is_deleted";

    public List<KeyValuePair<string, string>> Tags { get; } = [];

    public V1.Experiment ToProto()
    {
        var view = new V1.Experiment
        {
            ExperimentId = Id,
            Name = Name,
            Workspace = Workspaces.Default,
            CreateTime = Moments.Of(CreatedMs),
            UpdateTime = Moments.Of(UpdatedMs),
            ArtifactLocation = ArtifactLocations.OfExperiment(ArtifactLocation, Id),
            Deleted = IsDeleted,
        };
        foreach (var (key, value) in Tags)
        {
            view.Tags.Add(key, value);
        }

        return view;
    }

    public static ExperimentRecord Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetBoolean(5));
}
