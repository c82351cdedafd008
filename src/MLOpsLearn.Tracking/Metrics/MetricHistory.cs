using System.Globalization;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>Reads a metric's values in order of step, then time, then value.</summary>
internal sealed class MetricHistory(TrackingDbContext context, RunCatalog runs)
{
    public async Task<ListMetricHistoryResponse> ListAsync(ListMetricHistoryRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Text("key", request.Key, 250).PageSize(request.PageSize, 10_000).ThrowIfAny();
        var after = Position.Parse(request.PageToken);
        var run = await runs.FindAsync(request.RunId, cancellationToken);
        var size = PageToken.SizeOrDefault(request.PageSize, 1000);
        var keyId = await context.MetricKeys.Where(key => key.Name == request.Key).Select(key => key.Id).FirstOrDefaultAsync(cancellationToken);
        var page = await PointsAfter(run.Key, keyId, after).AsNoTracking()
            .OrderBy(point => point.Step).ThenBy(point => point.TimeMs).ThenBy(point => point.Value).ThenBy(point => point.IsNan)
            .Take(size + 1).ToListAsync(cancellationToken);
        return new ListMetricHistoryResponse
        {
            Metrics = { page.Take(size).Select(point => new LoggedValue(request.Key, point.IsNan ? double.NaN : point.Value, point.Step, point.TimeMs).ToProto()) },
            NextPageToken = page.Count > size ? Position.Of(page[size - 1]).ToString() : "",
        };
    }

    /// <summary>A comparison of rows, which the key's index answers however deep the page lies; spelled with OR, it reads the history from its start.</summary>
    private IQueryable<MetricPoint> PointsAfter(long runKey, long keyId, Position? after) => after is { } position
        ? context.MetricPoints.FromSql(
            $"""
            SELECT * FROM metric_points WHERE run_key = {runKey} AND key_id = {keyId}
            AND (step, time_ms, value, is_nan) > ({position.Step}, {position.TimeMs}, {position.Value}, {position.IsNan})
            """)
        : context.MetricPoints.Where(point => point.RunKey == runKey && point.KeyId == keyId);

    private readonly record struct Position(long Step, long TimeMs, double Value, bool IsNan)
    {
        public static Position Of(MetricPoint point) => new(point.Step, point.TimeMs, point.Value, point.IsNan);

        public static Position? Parse(string token)
        {
            if (PageToken.DecodeText(token) is not { } text)
            {
                return null;
            }

            var parts = text.Split(':');
            return parts.Length == 4
                && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var step)
                && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var timeMs)
                && long.TryParse(parts[2], CultureInfo.InvariantCulture, out var bits) && !double.IsNaN(BitConverter.Int64BitsToDouble(bits))
                && parts[3] is "0" or "1"
                ? new Position(step, timeMs, BitConverter.Int64BitsToDouble(bits), parts[3] == "1")
                : throw RpcErrors.Invalid("page_token", token, "must be the next_page_token of an earlier answer");
        }

        public override string ToString() => PageToken.Encode(string.Create(
            CultureInfo.InvariantCulture, $"{Step}:{TimeMs}:{BitConverter.DoubleToInt64Bits(Value)}:{(IsNan ? 1 : 0)}"));
    }
}
