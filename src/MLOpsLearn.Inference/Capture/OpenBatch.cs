using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Capture;

/// <summary>Requests, or parts of them, that one snapshot answered and that will leave together. Nothing is copied before it is closed.</summary>
internal sealed class OpenBatch(EndpointSnapshot endpoint, DateTimeOffset openedAt)
{
    public const int MostRows = 1000;
    private const int MostBytes = 256 * 1024;
    private readonly List<BatchSegment> _segments = [];
    private long _bytes;

    public EndpointSnapshot Endpoint { get; } = endpoint;

    public DateTimeOffset OpenedAt { get; } = openedAt;

    public IReadOnlyList<BatchSegment> Segments => _segments;

    public int Rows { get; private set; }

    public bool IsFull => Rows >= MostRows || _bytes >= MostBytes;

    /// <summary>Takes as many rows from <paramref name="start"/> on as there is room for, at least one; gives how many.</summary>
    public int Take(ServedRequest served, int start)
    {
        var bytesPerRow = BytesPerRow(served, Endpoint.Shadows.Count);
        var room = Math.Clamp((MostBytes - _bytes) / bytesPerRow, 1, MostRows - Rows);
        var rows = (int)Math.Min(room, served.Rows - start);
        _segments.Add(new BatchSegment(served, start, rows));
        Rows += rows;
        _bytes += served.Request.Id.Length + (rows * bytesPerRow);
        return rows;
    }

    /// <summary>Event time, columns and one prediction for each arm, in protobuf form and rounded up; texts of categories spread over the rows.</summary>
    private static long BytesPerRow(ServedRequest served, int shadows)
    {
        var bytes = 6L + (8 * (1 + shadows));
        var textBytes = 0L;
        foreach (var column in served.Request.Table.Columns)
        {
            bytes += column is TableColumn.Numeric ? 8 : 3;
            textBytes += column is TableColumn.Categorical categorical ? categorical.Dictionary.Sum(text => (long)text.Length + 2) : 0;
        }

        return bytes + (textBytes / served.Rows);
    }
}
