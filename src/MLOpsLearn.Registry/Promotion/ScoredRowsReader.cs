using System.Globalization;
using System.Numerics;
using Parquet;
using Parquet.Schema;

namespace MLOpsLearn.Registry.Promotion;

/// <summary>Reads the columns that the gate needs. The file comes from outside: nothing in it is believed.</summary>
internal static class ScoredRowsReader
{
    private const int MaxRows = 20_000_000;
    private const int MaxReasonLength = 300;

    /// <returns>The rows, or the reason why there are none.</returns>
    public static async Task<(ScoredRows? Rows, string? Fault)> ReadAsync(Stream file, string sha256, CancellationToken cancellationToken)
    {
        try
        {
            if (ParquetFooter.Fault(file) is { } fault)
            {
                return (null, $"the scored rows can't be read as parquet: {fault}");
            }

            await using var reader = await ParquetReader.CreateAsync(file, cancellationToken: cancellationToken);
            return await ReadAsync(reader, sha256, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A hostile or broken file can fail the parser in any way; the gate then has no rows, and says so.
            var reason = exception.Message.Length > MaxReasonLength ? exception.Message[..MaxReasonLength] : exception.Message;
            return (null, $"the scored rows can't be read as parquet: {reason}");
        }
    }

    private static async Task<(ScoredRows? Rows, string? Fault)> ReadAsync(ParquetReader reader, string sha256, CancellationToken cancellationToken)
    {
        var fields = reader.Schema.GetDataFields();
        if (Find(fields, "label") is not { } label || Find(fields, "challenger") is not { } challenger)
        {
            return (null, "the scored rows have no columns 'label' and 'challenger' of doubles");
        }

        if (!reader.CustomMetadata.TryGetValue("champion_version", out var text)
            || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var championVersion))
        {
            return (null, "the scored rows don't say in their metadata 'champion_version' which version they were scored against, or 0 for none");
        }

        var groups = reader.RowGroups.Select(group => group.RowCount).ToList();
        if (groups.Any(count => count is < 0 or > MaxRows) || groups.Sum() > MaxRows)
        {
            return (null, $"the scored rows are more than {MaxRows}, or claim to be");
        }

        var rows = (int)groups.Sum();
        var labels = await ReadColumnAsync(reader, label, rows, cancellationToken);
        var challengers = await ReadColumnAsync(reader, challenger, rows, cancellationToken);
        double[]? champions = null;
        if (championVersion > 0)
        {
            if (Find(fields, "champion") is not { } champion)
            {
                return (null, $"the scored rows name champion version {championVersion} but have no column 'champion' of doubles");
            }

            champions = await ReadColumnAsync(reader, champion, rows, cancellationToken);
        }

        return IsFinite(labels) && IsFinite(challengers) && IsFinite(champions ?? [])
            ? (new ScoredRows(labels, challengers, champions, championVersion, sha256), null)
            : (null, "the scored rows hold values that are missing or not finite");
    }

    private static DataField? Find(DataField[] fields, string name) =>
        fields.FirstOrDefault(field => field.Name == name && field.ClrType == typeof(double) && !field.IsArray && field.Path.Length == 1);

    private static async Task<double[]> ReadColumnAsync(ParquetReader reader, DataField field, int rows, CancellationToken cancellationToken)
    {
        var values = new double[rows];
        var done = 0;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            using var rowGroup = reader.OpenRowGroupReader(group);
            var count = (int)rowGroup.RowCount;
            if (field.IsNullable)
            {
                var nullable = new double?[count];
                await rowGroup.ReadAsync<double>(field, nullable.AsMemory(), cancellationToken: cancellationToken);
                for (var i = 0; i < count; i++)
                {
                    values[done + i] = nullable[i] ?? double.NaN;
                }
            }
            else
            {
                await rowGroup.ReadAsync<double>(field, values.AsMemory(done, count), cancellationToken: cancellationToken);
            }

            done += count;
        }

        return values;
    }

    // x - x is 0 for a finite x and NaN for any other, so one sum over vectors tells.
    private static bool IsFinite(ReadOnlySpan<double> values)
    {
        var sum = Vector<double>.Zero;
        var i = 0;
        for (; i <= values.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var vector = new Vector<double>(values[i..]);
            sum += vector - vector;
        }

        var rest = Vector.Sum(sum);
        for (; i < values.Length; i++)
        {
            rest += values[i] - values[i];
        }

        return rest == 0;
    }
}
