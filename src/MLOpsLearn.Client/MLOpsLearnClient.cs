using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using MLOpsLearn.Client.Transfer;
using MLOpsLearn.Contracts.Calls;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace MLOpsLearn.Client;

/// <summary>
/// A connection to a server: the generated clients of its five services, and the files of runs. Safe from many threads; make one and keep it.
/// </summary>
public sealed partial class MLOpsLearnClient : IDisposable
{
    private const long LargeBytes = 64L * 1024 * 1024;
    /// <summary>Longest pause between two tries: a server that is back is asked soon.</summary>
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(1);

    /// <summary>How long an upload is tried again at least: it may be of hours of work.</summary>
    private static readonly TimeSpan UploadPatience = TimeSpan.FromSeconds(10);
    private const int FewestAttempts = 5;
    private static readonly ServiceDescriptor[] Services =
    [
        Contracts.Tracking.V1.Tracking.Descriptor, Contracts.Registry.V1.Registry.Descriptor, Contracts.Training.V1.Training.Descriptor,
        Contracts.Inference.V1.Inference.Descriptor, Contracts.Monitoring.V1.Monitoring.Descriptor, Contracts.Monitoring.V1.Queues.Descriptor,
    ];

    private readonly GrpcChannel _channel;
    private readonly HttpClient _http;
    private readonly TimeSpan _uploadPatience;

    /// <param name="server">Address of HTTP, for example http://127.0.0.1:5080.</param>
    /// <param name="grpc">Address of gRPC; by default the same host and the next port.</param>
    /// <param name="name">What the server's request log calls this client.</param>
    /// <param name="patience">
    /// About how long a call that bears repetition is made again while the server, or a service behind it, can't be reached; a second at least.
    /// A refusal is never repeated.
    /// </param>
    public MLOpsLearnClient(Uri server, Uri? grpc = null, string name = "sdk", TimeSpan patience = default)
    {
        _uploadPatience = patience > UploadPatience ? patience : UploadPatience;
        Server = server;
        Grpc = grpc ?? new UriBuilder(server) { Port = server.Port + 1 }.Uri;
        // Files may be of any size: what is limited is the silence on a transfer.
        _http = new HttpClient { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Add("mlops-client", name);
        _channel = GrpcChannel.ForAddress(Grpc, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = 64 * 1024 * 1024,
            MaxRetryAttempts = null,
            // The library's own would leave a server that is back unasked for two minutes.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
            MaxReconnectBackoff = LongestBackoff,
            ServiceConfig = new ServiceConfig { MethodConfigs = { Retry(patience) } },
        });
        var invoker = _channel.Intercept(metadata =>
        {
            metadata.Add("mlops-client", name);
            return metadata;
        });
        Tracking = new Tracking.TrackingClient(invoker);
        Registry = new Registry.RegistryClient(invoker);
        Training = new Training.TrainingClient(invoker);
        Inference = new Inference.InferenceClient(invoker);
        Monitoring = new Monitoring.MonitoringClient(invoker);
        Queues = new Queues.QueuesClient(invoker);
    }

    /// <summary>Address of HTTP.</summary>
    public Uri Server { get; }

    /// <summary>Address of gRPC.</summary>
    public Uri Grpc { get; }

    /// <summary>Experiments and runs.</summary>
    public Tracking.TrackingClient Tracking { get; }

    /// <summary>Models, versions, gates, lineage, freezes.</summary>
    public Registry.RegistryClient Registry { get; }

    /// <summary>Pipelines, jobs, retrain decisions.</summary>
    public Training.TrainingClient Training { get; }

    /// <summary>Endpoints and predictions.</summary>
    public Inference.InferenceClient Inference { get; }

    /// <summary>Windows, labels, alerts.</summary>
    public Monitoring.MonitoringClient Monitoring { get; }

    /// <summary>The broker's queues and their dead letters.</summary>
    public Queues.QueuesClient Queues { get; }

    /// <summary>A server that is away for a moment is asked again, when the call bears repetition.</summary>
    private static MethodConfig Retry(TimeSpan patience)
    {
        var retry = new MethodConfig
        {
            RetryPolicy = new RetryPolicy
            {
                // Each pause is drawn between nothing and the backoff, which has grown to its longest after the first few.
                MaxAttempts = FewestAttempts + (int)(patience / (LongestBackoff / 2)),
                InitialBackoff = TimeSpan.FromMilliseconds(100),
                MaxBackoff = LongestBackoff,
                BackoffMultiplier = 2,
                RetryableStatusCodes = { StatusCode.Unavailable },
            },
        };
        foreach (var service in Services)
        {
            foreach (var method in service.Methods.Where(CallRepetition.IsRepeatable))
            {
                retry.Names.Add(new MethodName { Service = service.FullName, Method = method.Name });
            }
        }

        return retry;
    }

    /// <summary>A fresh key for a create call.</summary>
    public static string NewRequestId() => Guid.CreateVersion7().ToString();

    /// <summary>Whether the server is there, ready or not.</summary>
    public Task<bool> IsAliveAsync(CancellationToken cancellationToken = default) => IsGoodAsync("alive", cancellationToken);

    /// <summary>Whether every service is ready.</summary>
    public Task<bool> IsReadyAsync(CancellationToken cancellationToken = default) => IsGoodAsync("health", cancellationToken);

    private async Task<bool> IsGoodAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await Silence.LimitAsync(
                LongestSilence,
                async silence =>
                {
                    using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), silence.Token);
                    return response.IsSuccessStatusCode;
                },
                cancellationToken);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>
    /// Uploads a file to a run; the server checks its SHA-256 on the way. A server that is away for a moment is tried again. A file above 64 MiB travels in parts,
    /// and what a process that was ended had sent of it is not sent again.
    /// </summary>
    /// <exception cref="HttpRequestException">The server refused it, or stays away; the message has its reason.</exception>
    public async Task UploadArtifactAsync(string runId, string path, string file, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await (new FileInfo(file).Length > LargeBytes ? UploadPartsAsync(runId, path, file, cancellationToken) : UploadOnceAsync(runId, path, file, cancellationToken));
                return;
            }
            catch (HttpRequestException exception) when (Stopwatch.GetElapsedTime(started) < _uploadPatience
                && exception.StatusCode is null or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
            {
                // The same bytes under the same path: storing them twice is storing them once.
                await Task.Delay(LongestBackoff, cancellationToken);
            }
        }
    }

    /// <summary>Waits for a connection for as long as one that comes back may take.</summary>
    internal async Task TryConnectAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            await _channel.ConnectAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It is away; the calls will say so.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel.Dispose();
        _http.Dispose();
    }

    /// <summary>How long a transfer bears that nothing moves, the server's own work at its end included. Default 10 minutes.</summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromMinutes(10);

    internal async Task UploadOnceAsync(string runId, string path, string file, CancellationToken cancellationToken)
    {
        var sha256 = await DigestAsync(file, cancellationToken);
        await Silence.LimitAsync(
            LongestSilence,
            async silence =>
            {
                using var content = new StreamContent(silence.Over(Open(file)));
                content.Headers.Add("X-Content-SHA256", sha256);
                using var response = await _http.PutAsync(ArtifactUri(runId, path), content, silence.Token);
                return response.IsSuccessStatusCode
                    ? sha256
                    : throw new HttpRequestException(
                        $"'{path}' could not be uploaded to run {runId}: {await response.Content.ReadAsStringAsync(silence.Token)}", null, response.StatusCode);
            },
            cancellationToken);
    }

    private async Task UploadPartsAsync(string runId, string path, string file, CancellationToken cancellationToken) =>
        await new PartUpload(_http, LongestSilence, runId, path, file, ArtifactUri(runId, path)).RunAsync(await DigestAsync(file, cancellationToken), cancellationToken);

    private static async Task<string> DigestAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = Open(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    private static FileStream Open(string file) => new(file, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous);

    private static Uri ArtifactUri(string runId, string path) =>
        new($"api/tracking/v1/runs/{runId}/artifacts/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}", UriKind.Relative);
}
