using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Labels;
using MLOpsLearn.Monitoring.Segments;
using MLOpsLearn.Monitoring.Subjects;
using Parquet;
using Parquet.Schema;

namespace MLOpsLearn.Monitoring.Exports;

/// <summary>
/// Writes rows with the labels known by a moment as a dataset. It is a function of what was stored: the same question gives the same bytes.
/// </summary>
internal sealed class WindowExport(SubjectBook subjects, RowLoader loader, LabelJoin labels, IOptions<MonitoringOptions> options)
{
    public async Task<ExportedWindow> ExportAsync(ExportWindowRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks()
            .Require(IsMoment(request.Start), "start", request.Start, "must be a moment")
            .Require(IsMoment(request.End) && IsMoment(request.Start) && request.End.ToDateTimeOffset() > request.Start.ToDateTimeOffset(), "end", request.End, "must be a moment after start")
            .Require(request.AsOf is null || IsMoment(request.AsOf), "as_of", request.AsOf, "must be a moment")
            .ThrowIfAny();
        var subject = (await subjects.FindAsync(request.Endpoint, cancellationToken)).ToProto();
        var rows = await loader.ByTimeAsync(
            subject, request.Start.ToDateTimeOffset().ToUnixTimeMilliseconds(), request.End.ToDateTimeOffset().ToUnixTimeMilliseconds(), cancellationToken);
        var known = await labels.JoinAsync(subject.Endpoint, rows, request.AsOf?.ToDateTimeOffset(), cancellationToken);
        var order = Enumerable.Range(0, rows.Count).Where(row => double.IsFinite(known[row]))
            .OrderBy(row => rows.EventTimesMs[row]).ThenBy(row => rows.PredictionIds[row], StringComparer.Ordinal).ThenBy(row => rows.RowNumbers[row]).ToArray();
        var temporary = options.Value.ExportPath($"writing-{Guid.CreateVersion7():N}");
        Directory.CreateDirectory(Path.GetDirectoryName(temporary)!);
        try
        {
            await WriteAsync(temporary, subject, rows, known, order, cancellationToken);
            string sha256;
            await using (var file = File.OpenRead(temporary))
            {
                sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
            }

            var final = options.Value.ExportPath(sha256);
            File.Move(temporary, final, overwrite: true);
            return new ExportedWindow
            {
                Sha256 = sha256,
                SizeBytes = new FileInfo(final).Length,
                Rows = order.Length,
                UnlabelledRows = rows.Count - order.Length,
                Path = $"/api/monitoring/v1/exports/{sha256}.parquet",
            };
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static bool IsMoment(Timestamp? time) => time is { Seconds: >= -62135596800 and <= 253402300799, Nanos: >= 0 and < 1_000_000_000 };

    private static async Task WriteAsync(string path, Subject subject, RowSet rows, double[] known, int[] order, CancellationToken cancellationToken)
    {
        var (id, time, label) = (new DataField<string>("prediction_id"), new DateTimeDataField("event_time", DateTimeFormat.DateAndTimeMicros), new DataField<double>(subject.Output));
        var fields = subject.Columns.ToDictionary(
            column => column.Name, column => column.Kind == FeatureKind.Numeric ? new DataField<double>(column.Name) : (DataField)new DataField<string>(column.Name));
        await using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema([id, time, label, .. fields.Values]), stream, cancellationToken: cancellationToken);
        using var group = writer.CreateRowGroup();
        await group.WriteAsync(id, Array.ConvertAll(order, row => FormattableString.Invariant($"{rows.PredictionIds[row]}/{rows.RowNumbers[row]}")));
        await group.WriteAsync<DateTime>(time, Array.ConvertAll(order, row => DateTimeOffset.FromUnixTimeMilliseconds(rows.EventTimesMs[row]).UtcDateTime).AsMemory(), cancellationToken: cancellationToken);
        await group.WriteAsync<double>(label, Array.ConvertAll(order, row => known[row]).AsMemory(), cancellationToken: cancellationToken);
        foreach (var (name, field) in fields)
        {
            if (rows.Numbers.TryGetValue(name, out var numbers))
            {
                await group.WriteAsync<double>(field, Array.ConvertAll(order, row => numbers[row]).AsMemory(), cancellationToken: cancellationToken);
            }
            else
            {
                var (codes, dictionary) = rows.Categories[name];
                await group.WriteAsync(field, Array.ConvertAll(order, row => codes[row] < 0 ? null! : dictionary[codes[row]]));
            }
        }
    }
}
