using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Capture;

/// <summary>Gathers requests of one endpoint and one version into a columnar batch.</summary>
internal sealed class BatchBuilder(EndpointSnapshot endpoint)
{
    public const int MaxRows = 1000;

    private readonly PredictionBatch _batch = NewBatch(endpoint);
    private readonly Dictionary<string, Dictionary<string, int>> _codes = new(StringComparer.Ordinal);

    public EndpointSnapshot Endpoint { get; } = endpoint;

    public int Rows => _batch.EventTimesMs.Count;

    public int Room => MaxRows - Rows;

    /// <summary>Adds rows [<paramref name="start"/>, <paramref name="start"/> + <paramref name="count"/>) of a request.</summary>
    public void Add(ServedRequest request, int start, int count, IReadOnlyList<double[]> shadows)
    {
        _batch.ServedTime ??= request.ServedAt.ToTimestamp();
        _batch.Requests.Add(new PredictedRequest { PredictionId = request.Id, Rows = count, FirstRow = start });
        _batch.EventTimesMs.AddRange(new ArraySegment<long>(request.EventTimesMs, start, count));
        for (var i = 0; i < request.Rows.Columns.Count; i++)
        {
            Append(_batch.Columns[i], request.Rows.Columns[i], start, count);
        }

        _batch.Arms[0].Predictions.AddRange(new ArraySegment<double>(request.Predictions, start, count));
        for (var i = 0; i < shadows.Count; i++)
        {
            _batch.Arms[i + 1].Predictions.AddRange(new ArraySegment<double>(shadows[i], start, count));
        }
    }

    public PredictionBatch Build() => _batch;

    private static PredictionBatch NewBatch(EndpointSnapshot endpoint)
    {
        var batch = new PredictionBatch
        {
            BatchId = Guid.CreateVersion7().ToString(),
            Endpoint = endpoint.Name,
            Model = endpoint.Live.Facts.Model,
            Workspace = endpoint.Workspace,
            Arms = { new ArmPredictions { Version = endpoint.Live.Version } },
        };
        batch.Columns.AddRange(endpoint.Live.Pipeline.Signature.Inputs.Select(input => new FeatureValues { Name = input.Name }));
        batch.Arms.AddRange(ShadowScoring.AskedOf(endpoint).Select(shadow => new ArmPredictions { Version = shadow.Version, Shadow = true }));
        return batch;
    }

    private void Append(FeatureValues target, TableColumn column, int start, int count)
    {
        if (column is TableColumn.Numeric numeric)
        {
            foreach (var value in numeric.Values.Span.Slice(start, count))
            {
                target.Numbers.Add(value);
            }

            return;
        }

        var categorical = (TableColumn.Categorical)column;
        if (!_codes.TryGetValue(target.Name, out var known))
        {
            _codes[target.Name] = known = new Dictionary<string, int>(StringComparer.Ordinal);
        }

        // Each request has a dictionary of its own; a category is looked up once for each of them, not for each row.
        var translation = new int[categorical.Dictionary.Count];
        translation.AsSpan().Fill(-2);
        foreach (var code in categorical.Codes.Span.Slice(start, count))
        {
            if (code >= 0 && translation[code] == -2)
            {
                var text = categorical.Dictionary[code];
                if (!known.TryGetValue(text, out translation[code]))
                {
                    translation[code] = known.Count;
                    known.Add(text, translation[code]);
                    target.Categories.Add(text);
                }
            }

            target.Codes.Add(code < 0 ? -1 : translation[code]);
        }
    }
}
