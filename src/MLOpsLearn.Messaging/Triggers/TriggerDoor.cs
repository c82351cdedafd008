using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MLOpsLearn.Messaging.Triggers;

/// <summary>Lets a module act on what outsiders ask for.</summary>
public static class TriggerDoor
{
    /// <summary>Gives triggers to <typeparamref name="THandler"/> when the bus has a broker; in one process there is no door.</summary>
    public static IHostApplicationBuilder AddTriggerHandler<THandler>(this IHostApplicationBuilder builder) where THandler : class, ITriggerHandler
    {
        builder.Services.AddScoped<ITriggerHandler, THandler>();
        return builder;
    }
}
