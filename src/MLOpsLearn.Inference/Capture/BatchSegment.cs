using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Capture;

/// <summary>Rows [<paramref name="Start"/>, <paramref name="Start"/> + <paramref name="Rows"/>) of an answered request.</summary>
internal readonly record struct BatchSegment(ServedRequest Served, int Start, int Rows)
{
    public bool IsWhole => Rows == Served.Rows;

    /// <summary>The rows' columns, without a copy.</summary>
    public ColumnTable Table => IsWhole ? Served.Request.Table : Served.Request.Table.Slice(Start, Rows);
}
