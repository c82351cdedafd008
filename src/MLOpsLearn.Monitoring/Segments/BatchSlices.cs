using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Segments;

/// <summary>Cuts batches.</summary>
internal static class BatchSlices
{
    /// <summary>A batch of only these stretches of rows, each of one request.</summary>
    public static PredictionBatch Keep(PredictionBatch batch, IReadOnlyList<(int Start, int Rows, PredictedRequest Request)> stretches)
    {
        var rows = stretches.SelectMany(stretch => Enumerable.Range(stretch.Start, stretch.Rows)).ToList();
        return new PredictionBatch
        {
            BatchId = batch.BatchId,
            Endpoint = batch.Endpoint,
            Model = batch.Model,
            Workspace = batch.Workspace,
            ServedTime = batch.ServedTime,
            Requests = { stretches.Select(stretch => stretch.Request) },
            EventTimesMs = { rows.Select(row => batch.EventTimesMs[row]) },
            Columns =
            {
                batch.Columns.Select(column => new FeatureValues
                {
                    Name = column.Name,
                    Numbers = { column.Numbers.Count == 0 ? [] : rows.Select(row => column.Numbers[row]) },
                    Codes = { column.Codes.Count == 0 ? [] : rows.Select(row => column.Codes[row]) },
                    Categories = { column.Categories },
                }),
            },
            Arms =
            {
                batch.Arms.Select(arm => new ArmPredictions { Version = arm.Version, Shadow = arm.Shadow, Predictions = { rows.Select(row => arm.Predictions[row]) } }),
            },
        };
    }
}
