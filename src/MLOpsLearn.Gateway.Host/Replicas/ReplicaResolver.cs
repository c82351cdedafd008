using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace MLOpsLearn.Gateway.Host.Replicas;

/// <summary>
/// Finds the replicas of a service: all addresses that are configured for it, and behind a name that stands for several (a headless service of
/// Kubernetes, a scaled service of compose) each of them. A name that can't be resolved never keeps the gateway from starting.
/// </summary>
internal sealed partial class ReplicaResolver(
    ServiceEndpointResolver discovery, HostLookup lookup, IOptions<ReplicaOptions> options, TimeProvider time, ILogger<ReplicaResolver> logger) : IDestinationResolver
{
    private readonly ConcurrentDictionary<string, IPAddress[]> _known = new(StringComparer.OrdinalIgnoreCase);

    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var replicas = new Dictionary<string, DestinationConfig>();
        var changes = new List<IChangeToken>();
        foreach (var destination in destinations.Values)
        {
            var source = await discovery.GetEndpointsAsync(destination.Address.TrimEnd('/'), cancellationToken);
            changes.Add(source.ChangeToken);
            foreach (var endpoint in source.Endpoints.Select(endpoint => endpoint.EndPoint).OfType<UriEndPoint>())
            {
                foreach (var replica in await ReplicasAsync(endpoint.Uri, destination, cancellationToken))
                {
                    replicas[replica.Address] = replica;
                }
            }
        }

        changes.Add(new CancellationChangeToken(new CancellationTokenSource(TimeSpan.FromSeconds(options.Value.RefreshSeconds), time).Token));
        return new ResolvedDestinationCollection(replicas, new CompositeChangeToken(changes));
    }

    private async Task<IEnumerable<DestinationConfig>> ReplicasAsync(Uri address, DestinationConfig destination, CancellationToken cancellationToken)
    {
        // This machine's own name has two addresses, and one server behind them.
        var addresses = address.HostNameType != UriHostNameType.Dns || address.IsLoopback ? [] : await LookUpAsync(address.IdnHost, cancellationToken);
        return addresses.Length == 0
            ? [destination with { Address = address.ToString() }]
            : addresses.Select(ip => destination with { Address = new UriBuilder(address) { Host = ip.ToString() }.Uri.ToString(), Host = address.Authority });
    }

    /// <summary>Empty when nobody has the name, which is then left to the connection to resolve, and to report.</summary>
    private async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            var found = await lookup(host, cancellationToken);

            // Pods of a cluster with both families have two addresses each.
            var family = found.Any(ip => ip.AddressFamily == AddressFamily.InterNetwork) ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
            IPAddress[] addresses = [.. found.Where(ip => ip.AddressFamily == family).Distinct().OrderBy(ip => ip.ToString(), StringComparer.Ordinal)];
            if (!_known.GetValueOrDefault(host, []).SequenceEqual(addresses))
            {
                Log.Found(logger, host, string.Join(", ", addresses.Select(ip => ip.ToString())));
            }

            return _known[host] = addresses;
        }
        catch (SocketException exception)
        {
            // "There is no such host" is an answer; anything else means that the name server could not be asked.
            if (exception.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
            {
                _known.TryRemove(host, out _);
            }

            var last = _known.GetValueOrDefault(host, []);
            Log.NotResolved(logger, host, exception.SocketErrorCode, last.Length);
            return last;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6002, LogLevel.Information, "{Host} stands for {Addresses}.")]
        public static partial void Found(ILogger logger, string host, string addresses);

        [LoggerMessage(6003, LogLevel.Warning, "{Host} could not be resolved ({Error}); {Count} addresses that it had before are used.")]
        public static partial void NotResolved(ILogger logger, string host, SocketError error, int count);
    }
}
