using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>Reads a metric's values in order of step, then time, then arrival.</summary>
internal sealed class MetricHistory(TrackingDbContext context, RunCatalog runs)
{
    public async Task<ListMetricHistoryResponse> ListAsync(ListMetricHistoryRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Text("key", request.Key, 250).PageSize(request.PageSize, 10_000).ThrowIfAny();
        var after = Position.Parse(request.PageToken);
        var run = await runs.FindAsync(request.RunId, cancellationToken);
        var size = PageToken.SizeOrDefault(request.PageSize, 1000);
        var points = context.MetricHistory.AsNoTracking().Where(point => point.RunKey == run.Key && point.Key == request.Key);
        if (after is { } position)
        {
            points = points.Where(point => point.Step > position.Step
                || (point.Step == position.Step && (point.Time > position.Time || (point.Time == position.Time && point.Sequence > position.Sequence))));
        }

        var page = await points.OrderBy(point => point.Step).ThenBy(point => point.Time).ThenBy(point => point.Sequence)
            .Take(size + 1).ToListAsync(cancellationToken);
        return new ListMetricHistoryResponse
        {
            Metrics =
            {
                page.Take(size).Select(point =>
                    new Metric { Key = point.Key, Value = point.Value ?? double.NaN, Step = point.Step, Time = point.Time.ToTimestamp() }),
            },
            NextPageToken = page.Count > size ? Position.Of(page[size - 1]).ToString() : "",
        };
    }

    private readonly record struct Position(long Step, DateTimeOffset Time, long Sequence)
    {
        public static Position Of(MetricPoint point) => new(point.Step, point.Time, point.Sequence);

        public static Position? Parse(string token)
        {
            if (PageToken.DecodeText(token) is not { } text)
            {
                return null;
            }

            var parts = text.Split(':');
            return parts.Length == 3
                && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var step)
                && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var ticks) && ticks is >= 0 and <= 3155378975999999999
                && long.TryParse(parts[2], CultureInfo.InvariantCulture, out var sequence)
                ? new Position(step, new DateTimeOffset(ticks, TimeSpan.Zero), sequence)
                : throw RpcErrors.Invalid("page_token", token, "must be the next_page_token of an earlier answer");
        }

        public override string ToString() =>
            PageToken.Encode(string.Create(CultureInfo.InvariantCulture, $"{Step}:{Time.UtcTicks}:{Sequence}"));
    }
}
