using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>Asks for the addresses of a host; tests answer in its place.</summary>
internal delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancellationToken);

/// <summary>
/// Finds the addresses that may be called for a host, and connects to one of exactly those: a name that answers otherwise a moment later gains nothing.
/// </summary>
internal sealed class WebhookHosts(ResolveHost resolve, IOptions<WebhookOptions> options)
{
    /// <exception cref="HostRefusedException">The host can't be found, or one of its addresses must not be called.</exception>
    public async Task<IPAddress[]> FindAsync(string host, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await resolve(host, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            addresses = [];
        }

        if (addresses.Length == 0)
        {
            throw new HostRefusedException($"The host '{host}' can't be resolved.");
        }

        return options.Value.AllowPrivateAddresses || Array.TrueForAll(addresses, PublicAddress.IsPublic)
            ? addresses
            : throw new HostRefusedException($"The host '{host}' has an address that is not public.");
    }

    /// <summary>For the HTTP handler: every connection goes to an address that was checked for this very connection.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext connection, CancellationToken cancellationToken)
    {
        var addresses = await FindAsync(connection.DnsEndPoint.Host, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, connection.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A webhook's host must not, or can't, be called.</summary>
internal sealed class HostRefusedException(string message) : Exception(message);
