using System.Data.Common;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>A run as it is read: its row.</summary>
internal sealed record RunRecord(
    long Key,
    string RunId,
    long ExperimentId,
    string Name,
    RunStatus Status,
    long StartMs,
    long? EndMs,
    string UserId,
    string ArtifactUri,
    bool IsDeleted)
{
    /// <summary>The columns that <see cref="Read"/> takes, of the table alias r.</summary>
    public const string Columns = "r.run_key, r.run_id, r.experiment_id, r.name, r.status, r.start_ms, r.end_ms, r.user_id, r.artifact_uri, r.deleted_ms";

    /// <summary>How many columns these are.</summary>
    public const int ColumnCount = 10;

    public static RunRecord Read(DbDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.GetInt64(2),
        row.GetString(3),
        (RunStatus)row.GetInt32(4),
        row.GetInt64(5),
        row.IsDBNull(6) ? null : row.GetInt64(6),
        row.GetString(7),
        row.GetString(8),
        !row.IsDBNull(9));
}
