using System.Reflection;
using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using MLOpsLearn.Contracts.Calls;
using Polly;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace MLOpsLearn.Messaging.Calls;

/// <summary>Clients of the other services.</summary>
public static class ServiceClients
{
    /// <summary>
    /// Registers a generated gRPC client of <paramref name="service"/>, and <paramref name="service"/> as a named HTTP client for its files.
    /// A call without a deadline gets one. A service that can't be reached is asked again when the call bears repetition, and not at all for a
    /// moment after it could not be reached many times in a row.
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
                    channel.ServiceConfig = new ServiceConfig { MethodConfigs = { RetryOf(DescriptorOf(typeof(TClient))) } };
                });
            })
            // Deadlines and the waits below are the network's, so they run on the real clock, whatever clock the product's rules are given.
            .AddInterceptor(_ => new DeadlineInterceptor(TimeProvider.System))
            .AddHttpMessageHandler(() => new BrokenCircuitHandler())
            .AddResilienceHandler("breaker", pipeline =>
            {
                pipeline.TimeProvider = TimeProvider.System;
                pipeline.AddCircuitBreaker(Breaker());
            });
        builder.Services.AddHttpClient(service, (services, client) =>
            {
                client.BaseAddress = ServiceAddresses.Http(services.GetRequiredService<IConfiguration>(), service);
                client.Timeout = TimeSpan.FromMinutes(10);
            })
            .AddResilienceHandler("files", pipeline =>
            {
                var retry = new HttpRetryStrategyOptions { MaxRetryAttempts = 4, Delay = TimeSpan.FromMilliseconds(200), BackoffType = DelayBackoffType.Exponential };
                retry.DisableForUnsafeHttpMethods();
                pipeline.TimeProvider = TimeProvider.System;
                pipeline.AddRetry(retry).AddCircuitBreaker(Breaker());
            });
        return builder;
    }

    /// <summary>Opens when half of at least 20 calls within 10 s found nobody, and lets one through after 1 s.</summary>
    private static HttpCircuitBreakerStrategyOptions Breaker() => new()
    {
        FailureRatio = 0.5,
        MinimumThroughput = 20,
        SamplingDuration = TimeSpan.FromSeconds(10),
        BreakDuration = TimeSpan.FromSeconds(1),
    };

    private static MethodConfig RetryOf(ServiceDescriptor service)
    {
        var retry = new MethodConfig
        {
            RetryPolicy = new RetryPolicy
            {
                MaxAttempts = 5,
                InitialBackoff = TimeSpan.FromMilliseconds(100),
                MaxBackoff = TimeSpan.FromSeconds(2),
                BackoffMultiplier = 2,
                RetryableStatusCodes = { StatusCode.Unavailable },
            },
        };
        foreach (var method in service.Methods.Where(CallRepetition.IsRepeatable))
        {
            retry.Names.Add(new MethodName { Service = service.FullName, Method = method.Name });
        }

        return retry;
    }

    /// <summary>The generated client lies in the class that has its service's descriptor.</summary>
    private static ServiceDescriptor DescriptorOf(Type client) =>
        client.DeclaringType?.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as ServiceDescriptor
        ?? throw new InvalidOperationException($"{client} is not a generated client.");
}
