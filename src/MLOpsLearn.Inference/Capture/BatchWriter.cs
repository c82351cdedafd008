using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Capture;

/// <summary>Closes a batch: joins its requests' columns, lets the shadows score them, and writes all of it down.</summary>
internal static class BatchWriter
{
    public static PredictionBatch Write(OpenBatch open, Guid batchId)
    {
        var last = open.Segments[^1].Served;
        var batch = new PredictionBatch
        {
            BatchId = batchId.ToString(),
            Endpoint = open.Endpoint.Name,
            Model = open.Endpoint.Live.Facts.Model,
            Workspace = open.Endpoint.Workspace,
            ServedTime = Timestamp.FromDateTimeOffset(last.ServedAt),
        };
        var table = open.Segments is [{ IsWhole: true } whole] ? whole.Table : TableJoin.Join([.. open.Segments.Select(segment => segment.Table)]);
        WriteRequests(open, batch);
        foreach (var column in table.Columns)
        {
            batch.Columns.Add(ToProto(column));
        }

        WriteArms(open, table, batch);
        return batch;
    }

    private static void WriteRequests(OpenBatch open, PredictionBatch batch)
    {
        var times = Sized(batch.EventTimesMs, open.Rows);
        foreach (var (served, start, rows) in open.Segments)
        {
            batch.Requests.Add(new PredictedRequest { PredictionId = served.Request.Id, Rows = rows, FirstRow = start });
            var given = served.Request.EventTimesMs;
            if (given.Length == 1)
            {
                times[..rows].Fill(given[0]);
            }
            else
            {
                given.AsSpan(start, rows).CopyTo(times);
            }

            times = times[rows..];
        }
    }

    private static void WriteArms(OpenBatch open, ColumnTable table, PredictionBatch batch)
    {
        var live = new ArmPredictions { Version = open.Endpoint.Live.Version };
        var predictions = Sized(live.Predictions, open.Rows);
        foreach (var (served, start, rows) in open.Segments)
        {
            UnsafeCollectionOperations.AsSpan(served.Predictions).Slice(start, rows).CopyTo(predictions);
            predictions = predictions[rows..];
        }

        batch.Arms.Add(live);
        foreach (var shadow in open.Endpoint.Shadows)
        {
            var arm = new ArmPredictions { Version = shadow.Version, Shadow = true };
            shadow.Pipeline.Score(table, Sized(arm.Predictions, open.Rows));
            batch.Arms.Add(arm);
        }
    }

    private static FeatureValues ToProto(TableColumn column)
    {
        var values = new FeatureValues { Name = column.Name };
        if (column is TableColumn.Categorical categorical)
        {
            categorical.Codes.Span.CopyTo(Sized(values.Codes, categorical.Rows));
            values.Categories.AddRange(categorical.Dictionary);
        }
        else
        {
            ((TableColumn.Numeric)column).Values.Span.CopyTo(Sized(values.Numbers, column.Rows));
        }

        return values;
    }

    private static Span<T> Sized<T>(RepeatedField<T> field, int count)
    {
        UnsafeCollectionOperations.SetCount(field, count);
        return UnsafeCollectionOperations.AsSpan(field);
    }
}
