using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MLOpsLearn.Messaging.Bus;

/// <summary>Lets a module have workers that publish straight to the bus.</summary>
public static class BusWorkers
{
    /// <summary>
    /// Adds a worker that starts after the bus and, which matters more, stops before it: what it still holds can leave while requests come no more
    /// and the bus is still up.
    /// </summary>
    public static IHostApplicationBuilder AddBusWorker<TWorker>(this IHostApplicationBuilder builder) where TWorker : class, IHostedService
    {
        builder.Services.AddSingleton(new BusWorkerRegistration(services => services.AddHostedService<TWorker>()));
        return builder;
    }
}

/// <summary>One worker to be added behind the bus.</summary>
internal sealed record BusWorkerRegistration(Action<IServiceCollection> Add);
