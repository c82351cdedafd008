using System.Net;

namespace MLOpsLearn.Gateway.Host.Replicas;

/// <summary>All addresses of a host name; in the product, what the system's resolver says.</summary>
internal delegate Task<IPAddress[]> HostLookup(string host, CancellationToken cancellationToken);
