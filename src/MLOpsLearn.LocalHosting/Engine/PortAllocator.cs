using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Finds free ports on loopback, each given once. They lie below those that systems take for outgoing connections: a service may listen long after
/// its port was chosen, and nobody's connection must have it then.
/// </summary>
internal sealed class PortAllocator
{
    private const int First = 15_000;
    private const int End = 32_000;
    private readonly HashSet<int> _given = [];
    private readonly Lock _lock = new();

    /// <summary>A port that nobody listens on now and that was not given before.</summary>
    public int Next()
    {
        lock (_lock)
        {
            while (true)
            {
                var port = RandomNumberGenerator.GetInt32(First, End);
                if (!_given.Contains(port) && IsFree(port))
                {
                    _given.Add(port);
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
