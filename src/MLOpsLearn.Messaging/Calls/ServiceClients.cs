using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MLOpsLearn.Messaging.Calls;

/// <summary>Clients of the other services.</summary>
public static class ServiceClients
{
    /// <summary>
    /// Registers a generated gRPC client of <paramref name="service"/>, and <paramref name="service"/> as a named HTTP client for its files.
    /// A service that can't be reached is tried again: every create call carries a request id, so a repetition does no harm.
    /// </summary>
    public static IHostApplicationBuilder AddServiceClient<TClient>(this IHostApplicationBuilder builder, string service)
        where TClient : ClientBase
    {
        builder.Services.AddGrpcClient<TClient>((services, options) =>
        {
            options.Address = ServiceAddresses.Grpc(services.GetRequiredService<IConfiguration>(), service);
            options.ChannelOptionsActions.Add(channel =>
            {
                channel.MaxReceiveMessageSize = 64 * 1024 * 1024;
                channel.ServiceConfig = new ServiceConfig { MethodConfigs = { RetryUnavailable } };
            });
        });
        builder.Services.AddHttpClient(service, (services, client) =>
            client.BaseAddress = ServiceAddresses.Http(services.GetRequiredService<IConfiguration>(), service));
        return builder;
    }

    private static MethodConfig RetryUnavailable => new()
    {
        Names = { MethodName.Default },
        RetryPolicy = new RetryPolicy
        {
            MaxAttempts = 5,
            InitialBackoff = TimeSpan.FromMilliseconds(100),
            MaxBackoff = TimeSpan.FromSeconds(2),
            BackoffMultiplier = 2,
            RetryableStatusCodes = { StatusCode.Unavailable },
        },
    };
}
