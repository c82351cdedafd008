namespace MLOpsLearn.Inference.Prediction;

/// <summary>What is wrong with a column.</summary>
/// <param name="At">Row, as "[17]"; empty when the whole column is meant.</param>
/// <param name="Value">What came.</param>
/// <param name="Rule">What would have been right.</param>
internal readonly record struct ColumnFault(string At, object? Value, string Rule)
{
    public static ColumnFault InRow(int row, object? value, string rule) => new($"[{row}]", value, rule);
}
