using System.Reflection;
using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.ServiceDiscovery;
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
    /// moment after it could not be reached many times in a row. Of several addresses that are configured each is asked in turn.
    /// </summary>
    public static IHostApplicationBuilder AddServiceClient<TClient>(this IHostApplicationBuilder builder, string service)
        where TClient : ClientBase
    {
        // Several modules in one process ask for the same client; handlers that are added twice would retry retries.
        if (builder.Services.All(registration => registration.ServiceType != typeof(TClient)))
        {
            builder.Services.AddCalls<TClient>(service);
        }

        if (builder.Services.All(registration => registration.ServiceType != typeof(FilesOf) || !service.Equals(registration.ServiceKey)))
        {
            builder.Services.AddKeyedSingleton<FilesOf>(service).AddFiles(service);
        }

        return builder;
    }

    private static void AddCalls<TClient>(this IServiceCollection services, string service)
        where TClient : ClientBase
    {
        services.AddConfiguredDiscovery();
        var client = services.AddGrpcClient<TClient>((provider, options) =>
            {
                options.Address = ServiceAddresses.GrpcName(provider.GetRequiredService<IConfiguration>(), service);
                options.ChannelOptionsActions.Add(channel =>
                {
                    channel.MaxReceiveMessageSize = 64 * 1024 * 1024;
                    channel.ServiceConfig = new ServiceConfig { MethodConfigs = { RetryOf(DescriptorOf(typeof(TClient))) } };
                });
            })
            // Deadlines and the waits below are the network's, so they run on the real clock, whatever clock the product's rules are given.
            .AddInterceptor(_ => new DeadlineInterceptor(TimeProvider.System))
            .AddHttpMessageHandler(() => new BrokenCircuitHandler(service));
        client.AddResilienceHandler("breaker", pipeline =>
        {
            pipeline.TimeProvider = TimeProvider.System;
            pipeline.AddCircuitBreaker(Breaker());
        });
        client.AddServiceDiscovery();
    }

    private static void AddFiles(this IServiceCollection services, string service)
    {
        services.AddConfiguredDiscovery();
        var files = services.AddHttpClient(service, (provider, client) =>
        {
            client.BaseAddress = ServiceAddresses.HttpName(provider.GetRequiredService<IConfiguration>(), service);
            client.Timeout = TimeSpan.FromMinutes(10);
        });
        files.AddResilienceHandler("files", pipeline =>
        {
            var retry = new HttpRetryStrategyOptions { MaxRetryAttempts = 4, Delay = TimeSpan.FromMilliseconds(200), BackoffType = DelayBackoffType.Exponential };
            retry.DisableForUnsafeHttpMethods();
            pipeline.TimeProvider = TimeProvider.System;
            pipeline.AddRetry(retry).AddCircuitBreaker(Breaker());
        });

        // Innermost, so that each attempt is resolved anew.
        files.AddServiceDiscovery();
    }

    /// <summary>Service discovery that reads configuration alone: a service without an address is told, not looked for under its bare name.</summary>
    private static void AddConfiguredDiscovery(this IServiceCollection services)
    {
        if (services.All(registration => registration.ServiceType != typeof(ServiceEndpointResolver)))
        {
            services.AddServiceDiscoveryCore().AddConfigurationServiceEndpointProvider();
        }
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

    /// <summary>Marks, under a service's name, that the client for its files is registered.</summary>
    private sealed class FilesOf;
}
