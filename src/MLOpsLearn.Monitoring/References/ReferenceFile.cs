using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Segments;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Quality;
using Parquet;
using Parquet.Schema;

namespace MLOpsLearn.Monitoring.References;

/// <summary>A reference in memory: its columns, sorted once for all comparisons, and the quality of its version.</summary>
internal sealed record ReferenceRows(IReadOnlyList<DriftColumn> Columns, RegressionQuality Quality);

/// <summary>Reads the scored rows of a run.</summary>
internal static class ReferenceFile
{
    private const int MaxRows = 20_000_000;

    /// <exception cref="InvalidDataException">The file is no parquet, lacks a column, or holds another kind than declared.</exception>
    public static async Task<ReferenceRows> ReadAsync(string path, Subject subject, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024);
            await using var reader = await ParquetReader.CreateAsync(stream, cancellationToken: cancellationToken);
            var rows = reader.RowGroups.Sum(group => group.RowCount);
            if (rows is <= 0 or > MaxRows)
            {
                throw new InvalidDataException($"The reference has {rows} rows; it must have 1 to {MaxRows}.");
            }

            var fields = reader.Schema.GetDataFields().ToDictionary(field => field.Name);
            var labels = await NumbersAsync(reader, Find(fields, "label"), (int)rows, cancellationToken);
            var predictions = await NumbersAsync(reader, Find(fields, "challenger"), (int)rows, cancellationToken);
            var columns = new List<DriftColumn>();
            foreach (var column in subject.Columns.Where(column => !column.Untested))
            {
                var field = Find(fields, column.Name);
                if (column.Kind == FeatureKind.Numeric)
                {
                    columns.Add(DriftColumn.Numeric(column.Name, await NumbersAsync(reader, field, (int)rows, cancellationToken)));
                }
                else
                {
                    var (codes, dictionary) = SegmentFile.Code(await TextsAsync(reader, field, (int)rows, cancellationToken));
                    columns.Add(DriftColumn.Categorical(column.Name, codes, dictionary));
                }
            }

            return new ReferenceRows(columns, RegressionQuality.Measure(labels, predictions));
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or InvalidDataException))
        {
            // A file from outside can fail its parser in any way.
            throw new InvalidDataException($"The reference can't be read as parquet: {exception.Message}", exception);
        }
    }

    private static DataField Find(Dictionary<string, DataField> fields, string name) =>
        fields.GetValueOrDefault(name) ?? throw new InvalidDataException($"The reference has no column '{name}'.");

    private static async Task<double[]> NumbersAsync(ParquetReader reader, DataField field, int rows, CancellationToken cancellationToken)
    {
        if (field.ClrType != typeof(double))
        {
            throw new InvalidDataException($"The column '{field.Name}' of the reference must hold doubles, not {field.ClrType.Name}.");
        }

        var values = new double[rows];
        var done = 0;
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var group = reader.OpenRowGroupReader(i);
            var count = (int)group.RowCount;
            if (field.IsNullable)
            {
                var nullable = new double?[count];
                await group.ReadAsync<double>(field, nullable.AsMemory(), cancellationToken: cancellationToken);
                for (var row = 0; row < count; row++)
                {
                    values[done + row] = nullable[row] ?? double.NaN;
                }
            }
            else
            {
                await group.ReadAsync<double>(field, values.AsMemory(done, count), cancellationToken: cancellationToken);
            }

            done += count;
        }

        return values;
    }

    private static async Task<string?[]> TextsAsync(ParquetReader reader, DataField field, int rows, CancellationToken cancellationToken)
    {
        // What the library writes as string it reads back as a span of characters.
        if (field.ClrType != typeof(string) && field.ClrType != typeof(ReadOnlyMemory<char>))
        {
            throw new InvalidDataException($"The column '{field.Name}' of the reference must hold texts, not {field.ClrType.Name}.");
        }

        var values = new string?[rows];
        var done = 0;
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var group = reader.OpenRowGroupReader(i);
            await group.ReadAsync(field, values.AsMemory(done, (int)group.RowCount), cancellationToken: cancellationToken);
            done += (int)group.RowCount;
        }

        return values;
    }
}
