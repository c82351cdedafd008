using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Cli.Trips;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Cli.Demo;

/// <summary>
/// Sends a month through an endpoint in order of time, in batches, with labels that become known an hour after the trips began; afterwards it
/// waits until the last row is stored.
/// </summary>
internal sealed class Replay(MLOpsLearnClient client, string endpoint)
{
    public const int BatchRows = 1000;

    /// <summary>Batches on their way at once.</summary>
    private const int InFlight = 4;

    /// <summary>A trip is over at most this long after it began.</summary>
    private static readonly TimeSpan LabelDelay = TimeSpan.FromHours(1);

    /// <summary>The month's very last label comes this long after its end: later than late rows are waited for, so it closes the window.</summary>
    private static readonly TimeSpan ClosingDelay = TimeSpan.FromHours(6);

    /// <summary>Rows that don't come for so long, and don't wait for the broker either, are lost.</summary>
    private static readonly TimeSpan LossPatience = TimeSpan.FromSeconds(15);

    private long _sentRows;
    private TimeSpan _time;

    /// <summary>Rows a second, from the first prediction of a month to its last row being stored.</summary>
    public double RowsPerSecond => _time > TimeSpan.Zero ? _sentRows / _time.TotalSeconds : 0;

    public async Task SendAsync(TripMonth month, Action<int> sent, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var labels = new Queue<(long KnownAtMs, Task Predicted, LabelSet Set)>();
        var inFlight = new Queue<Task>();
        for (var start = 0; start < month.Rows; start += BatchRows)
        {
            var rows = Math.Min(BatchRows, month.Rows - start);
            var now = month.EventTimesMs[start];
            while (labels.TryPeek(out var due) && due.KnownAtMs <= now)
            {
                await LabelAsync(labels.Dequeue(), cancellationToken);
            }

            if (inFlight.Count >= InFlight)
            {
                await inFlight.Dequeue();
            }

            var request = Request(endpoint, month, start, rows);
            var predicted = client.Inference.PredictAsync(request, cancellationToken: cancellationToken).ResponseAsync;
            inFlight.Enqueue(predicted);
            labels.Enqueue((
                month.EventTimesMs[start + rows - 1] + (long)LabelDelay.TotalMilliseconds,
                predicted,
                new LabelSet { PredictionId = request.Id, Values = { month.Durations.AsSpan(start, rows).ToArray() } }));
            _sentRows += rows;
            sent(start + rows);
        }

        await Task.WhenAll(inFlight);
        await StoredAsync(month, cancellationToken);
        _time += Stopwatch.GetElapsedTime(started);
        // The month's last labels come when the month is over, and its last rows are in: they close the window.
        while (labels.TryDequeue(out var last))
        {
            await LabelAsync(
                labels.Count == 0 ? last with { KnownAtMs = Math.Max(last.KnownAtMs, (month.End + ClosingDelay).ToUnixTimeMilliseconds()) } : last, cancellationToken);
        }
    }

    /// <summary>
    /// Waits until all rows are stored. A service that dies takes with it the rows of its last moment; when no more come, the month is sent again
    /// under the same ids, by which what is there is known.
    /// </summary>
    private async Task StoredAsync(TripMonth month, CancellationToken cancellationToken)
    {
        var (stored, since, repeated) = (0L, Stopwatch.GetTimestamp(), false);
        await Waiting.UntilAsync(
            "the last row to be stored",
            async token =>
            {
                var now = (await StatusAsync(token)).StoredRows;
                if (now >= _sentRows)
                {
                    return true;
                }

                if (now != stored)
                {
                    (stored, since) = (now, Stopwatch.GetTimestamp());
                }
                else if (!repeated && Stopwatch.GetElapsedTime(since) > LossPatience)
                {
                    if (await WaitingRowsAsync(token) > 0)
                    {
                        // The broker is away; they come when it is back.
                        since = Stopwatch.GetTimestamp();
                        return false;
                    }

                    repeated = true;
                    for (var start = 0; start < month.Rows; start += BatchRows)
                    {
                        await client.Inference.PredictAsync(Request(endpoint, month, start, Math.Min(BatchRows, month.Rows - start)), cancellationToken: token);
                    }
                }

                return false;
            },
            cancellationToken);
    }

    /// <summary>The error of another endpoint on the month's trips.</summary>
    public async Task<double> RmseOfAsync(string otherEndpoint, TripMonth month, CancellationToken cancellationToken)
    {
        double squares = 0;
        for (var start = 0; start < month.Rows; start += BatchRows)
        {
            var rows = Math.Min(BatchRows, month.Rows - start);
            var answer = await client.Inference.PredictAsync(Request(otherEndpoint, month, start, rows), cancellationToken: cancellationToken);
            for (var i = 0; i < rows; i++)
            {
                var error = answer.Predictions[i] - month.Durations[start + i];
                squares += error * error;
            }
        }

        return Math.Sqrt(squares / month.Rows);
    }

    public async Task<IngestStatus> StatusAsync(CancellationToken cancellationToken) =>
        await client.Monitoring.GetIngestStatusAsync(new GetIngestStatusRequest { Endpoint = endpoint }, cancellationToken: cancellationToken);

    /// <summary>Rows of this endpoint that inference has answered and the bus has not taken yet.</summary>
    private async Task<long> WaitingRowsAsync(CancellationToken cancellationToken) =>
        (await client.Inference.GetCaptureStatusAsync(new GetCaptureStatusRequest { Endpoint = endpoint }, cancellationToken: cancellationToken)).WaitingRows;

    private static PredictRequest Request(string endpoint, TripMonth month, int start, int rows) => new()
    {
        Endpoint = endpoint,
        Id = string.Create(CultureInfo.InvariantCulture, $"{month.Name}-{start / BatchRows:00000}"),
        EventTimesMs = { month.EventTimesMs.AsSpan(start, rows).ToArray() },
        Columns =
        {
            new InputColumn { Name = "PULocationID", Int64S = new Int64s { Values = { month.PickupZones.AsSpan(start, rows).ToArray() } } },
            new InputColumn { Name = "DOLocationID", Int64S = new Int64s { Values = { month.DropoffZones.AsSpan(start, rows).ToArray() } } },
            new InputColumn { Name = "trip_distance", Doubles = new Doubles { Values = { month.Distances.AsSpan(start, rows).ToArray() } } },
            new InputColumn { Name = "hour", Int64S = new Int64s { Values = { month.Hours.AsSpan(start, rows).ToArray() } } },
            new InputColumn { Name = "weekday", Int64S = new Int64s { Values = { month.Weekdays.AsSpan(start, rows).ToArray() } } },
        },
    };

    private async Task LabelAsync((long KnownAtMs, Task Predicted, LabelSet Set) due, CancellationToken cancellationToken)
    {
        await due.Predicted;
        await client.Monitoring.SubmitLabelsAsync(
            new SubmitLabelsRequest
            {
                Endpoint = endpoint,
                ObservedAt = DateTimeOffset.FromUnixTimeMilliseconds(due.KnownAtMs).ToTimestamp(),
                Labels = { due.Set },
            },
            cancellationToken: cancellationToken);
    }
}
