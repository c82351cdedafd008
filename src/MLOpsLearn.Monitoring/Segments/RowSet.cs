namespace MLOpsLearn.Monitoring.Segments;

/// <summary>Served rows in memory, column by column, in order of arrival.</summary>
/// <param name="PredictionIds">Id of each row's request.</param>
/// <param name="RowNumbers">Number of each row within its request.</param>
/// <param name="EventTimesMs">Milliseconds since 1970.</param>
/// <param name="Numbers">Numeric columns by name; NaN is missing.</param>
/// <param name="Categories">Categorical columns by name; the code -1 is missing.</param>
/// <param name="LiveVersions">The version that answered each row.</param>
/// <param name="Live">What it answered.</param>
/// <param name="Shadows">What each shadow version would have answered; NaN where it did not score the row.</param>
internal sealed record RowSet(
    string[] PredictionIds,
    int[] RowNumbers,
    long[] EventTimesMs,
    IReadOnlyDictionary<string, double[]> Numbers,
    IReadOnlyDictionary<string, (int[] Codes, IReadOnlyList<string> Dictionary)> Categories,
    int[] LiveVersions,
    double[] Live,
    IReadOnlyDictionary<int, double[]> Shadows)
{
    public int Count => PredictionIds.Length;
}
