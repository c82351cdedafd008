using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace MLOpsLearn.ServiceDefaults.AccessLogging;

/// <summary>
/// Writes one JSON line for each request: when, which client, which call, how it ended, how long it took. The file is renamed to
/// "<c>….1</c>" at 16 MB. A line that the disk can't take in time is dropped rather than delaying an answer.
/// </summary>
internal sealed class AccessLog(string path, TimeProvider time) : BackgroundService
{
    public const string PathSetting = "AccessLog:Path";
    private const string ClientHeader = "mlops-client";
    private const long MaxBytes = 16 * 1024 * 1024;

    private readonly Channel<Line> _lines = Channel.CreateBounded<Line>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var started = time.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var trailers = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResponseTrailersFeature>()?.Trailers;
            _lines.Writer.TryWrite(new Line(
                time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
                Known(context.Request.Headers[ClientHeader].ToString()),
                context.Request.Method,
                Known(context.Request.Path.Value ?? ""),
                context.Response.StatusCode,
                trailers is not null && trailers.TryGetValue("grpc-status", out var status) ? status.ToString() : null,
                Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 2)));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var file = Open();
        try
        {
            while (await _lines.Reader.WaitToReadAsync(stoppingToken))
            {
                while (_lines.Reader.TryRead(out var line))
                {
                    await JsonSerializer.SerializeAsync(file, line, cancellationToken: stoppingToken);
                    file.WriteByte((byte)'\n');
                }

                await file.FlushAsync(stoppingToken);
                if (file.Length > MaxBytes)
                {
                    await file.DisposeAsync();
                    File.Move(path, path + ".1", overwrite: true);
                    file = Open();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            while (_lines.Reader.TryRead(out var line))
            {
                JsonSerializer.Serialize(file, line);
                file.WriteByte((byte)'\n');
            }
        }
        finally
        {
            await file.DisposeAsync();
        }
    }

    private FileStream Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    private static string Known(string value) => value.Length <= 300 ? value : value[..300];

    private sealed record Line(string Time, string Client, string Method, string Path, int Status, string? GrpcStatus, double Milliseconds);
}
