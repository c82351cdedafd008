using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Training.Worker.Tables;

/// <summary>Rows ready to train on, in order of event time.</summary>
/// <param name="Ids">Prediction ids.</param>
/// <param name="Times">Event times.</param>
/// <param name="Table">Every input column, and the target.</param>
/// <param name="Quality">What is to be said of the data.</param>
/// <param name="Dropped">Rows left out, by reason.</param>
internal sealed record PreparedRows(
    IReadOnlyList<string> Ids, IReadOnlyList<DateTime> Times, ColumnTable Table, DataQuality Quality, IReadOnlyDictionary<string, long> Dropped)
{
    public int Count => Table.Rows;

    /// <summary>For people: how many rows were dropped and why.</summary>
    public string DroppedText => Dropped.Values.Sum() == 0
        ? "none dropped"
        : "dropped " + string.Join(", ", Dropped.Where(reason => reason.Value > 0).Select(reason => $"{reason.Value:N0} {reason.Key}"));

    public PreparedRows Slice(int start, int count) => this with
    {
        Ids = [.. Ids.Skip(start).Take(count)],
        Times = [.. Times.Skip(start).Take(count)],
        Table = Table.Slice(start, count),
    };
}

/// <summary>The verdict on the data that a model is trained on, with all that was found.</summary>
internal sealed record DataQuality(bool IsGood, IReadOnlyList<string> Findings);
