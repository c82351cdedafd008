using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace MLOpsLearn.ServiceDefaults.Hosting;

/// <summary>
/// What a host logs unless it is told otherwise: its own words, and of the libraries only what is wrong. They would write several lines for each
/// request and each command of the database, more work than the request itself.
/// </summary>
internal static class LogLevels
{
    public static void AddQuietLibraries(this WebApplicationBuilder builder) =>
        // First among the sources, so that any setting of the user's comes after it.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new[] { "Microsoft", "System", "Grpc", "MassTransit", "Yarp", "Polly" }
                .Select(library => KeyValuePair.Create<string, string?>($"Logging:LogLevel:{library}", "Warning"))
                .Append(KeyValuePair.Create<string, string?>("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information")),
        });
}
