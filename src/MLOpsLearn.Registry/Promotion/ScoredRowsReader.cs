using System.Globalization;
using System.Security.Cryptography;
using Parquet;
using Parquet.Schema;

namespace MLOpsLearn.Registry.Promotion;

/// <summary>Fetches scored rows from tracking and reads the columns that the gate needs. The file comes from outside: nothing in it is believed.</summary>
internal sealed class ScoredRowsReader(IHttpClientFactory http)
{
    private const long MaxBytes = 512L * 1024 * 1024;
    private const int MaxRows = 20_000_000;

    /// <returns>The rows, or the reason why there are none.</returns>
    public async Task<(ScoredRows? Rows, string? Fault)> ReadAsync(string runId, string path, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(Path.GetTempPath(), $"scored-rows-{Guid.CreateVersion7():N}.parquet");
        try
        {
            using var client = http.CreateClient("tracking");
            using var response = await client.GetAsync(
                new Uri($"api/tracking/v1/runs/{runId}/artifacts/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}", UriKind.Relative),
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return (null, $"run {runId} has no readable artifact '{path}' (HTTP {(int)response.StatusCode})");
            }

            if (response.Content.Headers.ContentLength > MaxBytes)
            {
                return (null, $"'{path}' is larger than {MaxBytes / 1024 / 1024} MiB");
            }

            string sha256;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.Asynchronous))
            {
                await response.Content.CopyToAsync(file, cancellationToken);
                file.Position = 0;
                sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
                file.Position = 0;
                return await ReadAsync(file, sha256, cancellationToken);
            }
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    internal static async Task<(ScoredRows? Rows, string? Fault)> ReadAsync(Stream file, string sha256, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await ParquetReader.CreateAsync(file, cancellationToken: cancellationToken);
            var fields = reader.Schema.GetDataFields();
            var label = Find(fields, "label");
            var challenger = Find(fields, "challenger");
            var champion = Find(fields, "champion");
            if (label is null || challenger is null)
            {
                return (null, "the scored rows have no numeric columns 'label' and 'challenger'");
            }

            var championVersion = reader.CustomMetadata.TryGetValue("champion_version", out var text)
                && int.TryParse(text, CultureInfo.InvariantCulture, out var version) ? version : 0;
            var rowCount = reader.RowGroups.Sum(group => group.RowCount);
            if (rowCount is < 0 or > MaxRows)
            {
                return (null, $"the scored rows are {rowCount}, more than {MaxRows}");
            }

            var labels = await ReadColumnAsync(reader, label, (int)rowCount, cancellationToken);
            var challengers = await ReadColumnAsync(reader, challenger, (int)rowCount, cancellationToken);
            var champions = championVersion > 0 && champion is not null ? await ReadColumnAsync(reader, champion, (int)rowCount, cancellationToken) : null;
            if (championVersion > 0 && champions is null)
            {
                return (null, $"the scored rows name champion version {championVersion} but have no column 'champion'");
            }

            if (labels.Concat(challengers).Concat(champions ?? []).Any(value => !double.IsFinite(value)))
            {
                return (null, "the scored rows hold values that are missing or not finite");
            }

            return (new ScoredRows(labels, challengers, champions, championVersion, sha256), null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A hostile or broken file can fail the parser in any way; the gate then has no rows, and says so.
            return (null, $"the scored rows can't be read as parquet: {exception.Message}");
        }
    }

    private static DataField? Find(DataField[] fields, string name) =>
        fields.FirstOrDefault(field => field.Name == name && field.ClrType == typeof(double));

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
}
