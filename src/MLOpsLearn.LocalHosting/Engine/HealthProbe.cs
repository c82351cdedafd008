using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Engine;

/// <summary>Asks a resource how it is.</summary>
internal sealed class HealthProbe(AllocatedModel model, HttpClient http)
{
    /// <summary>Whether a server, or a database on it, answers.</summary>
    public async Task<bool> IsServerHealthyAsync(IResource resource, CancellationToken cancellationToken) => resource switch
    {
        RabbitMQServerResource rabbit => await RabbitMqServer.IsHealthyAsync(model.ConnectionString(rabbit), cancellationToken),
        RedisResource redis => await RedisServer.IsHealthyAsync(model.ConnectionString(redis)),
        PostgresServerResource postgres => await PostgresServer.IsHealthyAsync(model.ConnectionString(postgres), cancellationToken),
        _ => true,
    };

    /// <summary>Whether an instance that listens on these ports gives the expected status on each of its checks.</summary>
    public async Task<bool> IsInstanceHealthyAsync(IResource resource, Func<EndpointAnnotation, int> portOf, CancellationToken cancellationToken)
    {
        foreach (var check in resource.Annotations.OfType<HttpHealthCheckAnnotation>())
        {
            var endpoint = resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(candidate =>
                check.EndpointName is null ? candidate.UriScheme is "http" or "https" : candidate.Name == check.EndpointName)
                ?? throw new DistributedApplicationException($"The health check of '{resource.Name}' names an endpoint that it doesn't have: '{check.EndpointName}'.");
            try
            {
                using var response = await http.GetAsync(new Uri($"{endpoint.UriScheme}://localhost:{portOf(endpoint)}{check.Path}"), cancellationToken);
                if ((int)response.StatusCode != check.StatusCode)
                {
                    return false;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                return false;
            }
        }

        return true;
    }
}
