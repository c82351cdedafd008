using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace MLOpsLearn.Training.Worker;

/// <summary>One connection to each address, however many services live there.</summary>
/// <param name="traceParent">W3C trace parent that each call continues; null for none.</param>
internal sealed class Channels(string? traceParent) : IDisposable
{
    private const string TokenKey = "mlopslearn-job-token";

    /// <summary>Metadata key, and HTTP header, of the trace.</summary>
    public const string TraceKey = "traceparent";

    private readonly Dictionary<Uri, GrpcChannel> _open = [];

    /// <param name="address">Where the service is.</param>
    /// <param name="token">The job's token, sent with each call; null for services that don't ask for it.</param>
    public CallInvoker To(Uri address, string? token = null)
    {
        if (!_open.TryGetValue(address, out var channel))
        {
            _open[address] = channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
            {
                MaxReceiveMessageSize = 64 * 1024 * 1024,
                ServiceConfig = new ServiceConfig { MethodConfigs = { Retry } },
            });
        }

        var invoker = channel.CreateCallInvoker();
        return invoker.Intercept(metadata =>
        {
            if (token is not null)
            {
                metadata.Add(TokenKey, token);
            }

            if (traceParent is not null)
            {
                metadata.Add(TraceKey, traceParent);
            }

            return metadata;
        });
    }

    public void Dispose()
    {
        foreach (var channel in _open.Values)
        {
            channel.Dispose();
        }
    }

    private static MethodConfig Retry => new()
    {
        Names = { MethodName.Default },
        RetryPolicy = new RetryPolicy
        {
            MaxAttempts = 5,
            InitialBackoff = TimeSpan.FromMilliseconds(200),
            MaxBackoff = TimeSpan.FromSeconds(5),
            BackoffMultiplier = 2,
            RetryableStatusCodes = { StatusCode.Unavailable },
        },
    };
}
