using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace MLOpsLearn.ServiceDefaults.Telemetry;

/// <summary>
/// What libraries say of every request, statement and message is not worth its time: they are heard from warnings on. Below all other settings,
/// so that a user who wants more says so as always, for example <c>Logging__LogLevel__Microsoft.EntityFrameworkCore=Information</c>.
/// </summary>
internal static class QuietLogs
{
    private static readonly string[] Libraries = ["Microsoft", "System", "Grpc", "MassTransit", "Polly", "Yarp"];

    public static void AddQuietLogs(this WebApplicationBuilder builder) => ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
    {
        InitialData =
        [
            .. Libraries.Select(library => KeyValuePair.Create<string, string?>($"Logging:LogLevel:{library}", "Warning")),
            new("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information"),
            // The health answer says the same, once for each probe.
            new("Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks", "None"),
        ],
    });
}
