using System.Globalization;
using MLOpsLearn.Contracts.Monitoring.V1;
using Parquet;
using Parquet.Schema;

namespace MLOpsLearn.Monitoring.Segments;

/// <summary>Writes and reads a segment: parquet that any tool can open, one column for each column of the rows.</summary>
internal static class SegmentFile
{
    private const string ShadowPrefix = "shadow_";

    /// <summary>Writes under a temporary name, then renames: what has the final name is whole.</summary>
    public static async Task WriteAsync(string path, RowSet rows, CancellationToken cancellationToken)
    {
        var shadows = rows.Shadows.OrderBy(pair => pair.Key).ToList();
        var (ids, numbers, times) = (new DataField<string>("prediction_id"), new DataField<int>("row"), new DataField<long>("event_time_ms"));
        var (version, live) = (new DataField<int>("live_version"), new DataField<double>("live"));
        var numeric = rows.Numbers.ToDictionary(pair => pair.Key, pair => new DataField<double>(pair.Key));
        var categorical = rows.Categories.ToDictionary(pair => pair.Key, pair => new DataField<string>(pair.Key));
        var shadowFields = shadows.ToDictionary(pair => pair.Key, pair => new DataField<double>(ShadowPrefix + pair.Key.ToString(CultureInfo.InvariantCulture)));
        var schema = new ParquetSchema([ids, numbers, times, version, live, .. numeric.Values, .. categorical.Values, .. shadowFields.Values]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".writing";
        await using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024))
        {
            await using var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: cancellationToken);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(ids, rows.PredictionIds);
            await group.WriteAsync<int>(numbers, rows.RowNumbers.AsMemory(), cancellationToken: cancellationToken);
            await group.WriteAsync<long>(times, rows.EventTimesMs.AsMemory(), cancellationToken: cancellationToken);
            await group.WriteAsync<int>(version, rows.LiveVersions.AsMemory(), cancellationToken: cancellationToken);
            await group.WriteAsync<double>(live, rows.Live.AsMemory(), cancellationToken: cancellationToken);
            foreach (var (name, field) in numeric)
            {
                await group.WriteAsync<double>(field, rows.Numbers[name].AsMemory(), cancellationToken: cancellationToken);
            }

            foreach (var (name, field) in categorical)
            {
                var (codes, dictionary) = rows.Categories[name];
                await group.WriteAsync(field, Array.ConvertAll(codes, code => code < 0 ? null! : dictionary[code]));
            }

            foreach (var (shadow, field) in shadowFields)
            {
                await group.WriteAsync<double>(field, rows.Shadows[shadow].AsMemory(), cancellationToken: cancellationToken);
            }
        }

        File.Move(temporary, path, overwrite: true);
    }

    public static async Task<RowSet> ReadAsync(string path, Subject subject, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024);
        await using var reader = await ParquetReader.CreateAsync(stream, cancellationToken: cancellationToken);
        var fields = reader.Schema.GetDataFields().ToDictionary(field => field.Name);
        using var group = reader.OpenRowGroupReader(0);
        var count = (int)group.RowCount;
        var numbers = new Dictionary<string, double[]>();
        var categories = new Dictionary<string, (int[], IReadOnlyList<string>)>();
        foreach (var column in subject.Columns)
        {
            if (column.Kind == FeatureKind.Numeric)
            {
                numbers[column.Name] = await ReadAsync<double>(group, fields[column.Name], count, cancellationToken);
            }
            else
            {
                categories[column.Name] = Code(await ReadTextAsync(group, fields[column.Name], count, cancellationToken));
            }
        }

        var shadows = new Dictionary<int, double[]>();
        foreach (var (name, field) in fields.Where(pair => pair.Key.StartsWith(ShadowPrefix, StringComparison.Ordinal)))
        {
            if (int.TryParse(name.AsSpan(ShadowPrefix.Length), CultureInfo.InvariantCulture, out var version))
            {
                shadows[version] = await ReadAsync<double>(group, field, count, cancellationToken);
            }
        }

        return new RowSet(
            (await ReadTextAsync(group, fields["prediction_id"], count, cancellationToken))!,
            await ReadAsync<int>(group, fields["row"], count, cancellationToken),
            await ReadAsync<long>(group, fields["event_time_ms"], count, cancellationToken),
            numbers,
            categories,
            await ReadAsync<int>(group, fields["live_version"], count, cancellationToken),
            await ReadAsync<double>(group, fields["live"], count, cancellationToken),
            shadows);
    }

    public static (int[] Codes, IReadOnlyList<string> Dictionary) Code(string?[] values)
    {
        var codes = new int[values.Length];
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var dictionary = new List<string>();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value)
            {
                codes[i] = -1;
            }
            else if (!known.TryGetValue(value, out codes[i]))
            {
                codes[i] = dictionary.Count;
                known.Add(value, codes[i]);
                dictionary.Add(value);
            }
        }

        return (codes, dictionary);
    }

    private static async Task<T[]> ReadAsync<T>(ParquetRowGroupReader group, DataField field, int count, CancellationToken cancellationToken) where T : struct
    {
        var values = new T[count];
        await group.ReadAsync<T>(field, values.AsMemory(), cancellationToken: cancellationToken);
        return values;
    }

    private static async Task<string?[]> ReadTextAsync(ParquetRowGroupReader group, DataField field, int count, CancellationToken cancellationToken)
    {
        var values = new string?[count];
        await group.ReadAsync(field, values.AsMemory(), cancellationToken: cancellationToken);
        return values;
    }
}
