using System.Globalization;

namespace MLOpsLearn.Training.Worker.Tables;

/// <summary>The older rows to train on, and the newest to compare models on. Rows of one moment never lie on both sides.</summary>
internal sealed record RowSplit(PreparedRows Training, PreparedRows HeldOut)
{
    /// <param name="rows">In order of time.</param>
    /// <param name="share">Share of the rows to hold out, at least.</param>
    /// <exception cref="WorkFault">All rows are of one moment.</exception>
    public static RowSplit ByTime(PreparedRows rows, double share)
    {
        var cut = rows.Count - Math.Max(1, (int)Math.Round(rows.Count * share, MidpointRounding.AwayFromZero));
        while (cut > 0 && rows.Times[cut - 1] == rows.Times[cut])
        {
            cut--;
        }

        return cut > 0
            ? new RowSplit(rows.Slice(0, cut), rows.Slice(cut, rows.Count - cut))
            : throw new WorkFault(string.Create(
                CultureInfo.InvariantCulture, $"The newest {share:P0} of the rows can't be held out: too many of them have the event_time {rows.Times[0]:yyyy-MM-dd HH:mm:ss}."));
    }
}
