using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Listens on a public port and forwards each connection to one of the instances behind it, in turn. While none is up, connections are held.
/// </summary>
internal sealed class TcpForwarder(int publicPort) : IAsyncDisposable
{
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpListener> _listeners = [];
    private readonly List<Task> _accepting = [];
    private volatile int[] _targets = [];
    private int _next;

    /// <exception cref="DistributedApplicationException">The port is in use.</exception>
    public void Start()
    {
        Listen(IPAddress.Loopback, required: true);
        // "localhost" may mean either address to a client; a machine without IPv6 does without.
        Listen(IPAddress.IPv6Loopback, required: false);
    }

    public void AddTarget(int port)
    {
        lock (_listeners)
        {
            _targets = [.. _targets, port];
        }
    }

    public void RemoveTarget(int port)
    {
        lock (_listeners)
        {
            _targets = [.. _targets.Where(target => target != port)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var listener in _listeners)
        {
            listener.Stop();
        }

        await Task.WhenAll(_accepting);
        _stop.Dispose();
    }

    private void Listen(IPAddress address, bool required)
    {
        var listener = new TcpListener(address, publicPort);
        try
        {
            listener.Start(512);
        }
        catch (SocketException exception) when (!required)
        {
            _ = exception;
            return;
        }
        catch (SocketException exception)
        {
            throw new DistributedApplicationException($"Port {publicPort} is in use: {exception.Message}. Stop whoever listens there, or choose another port.", exception);
        }

        _listeners.Add(listener);
        _accepting.Add(AcceptAsync(listener));
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        var connections = new HashSet<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(_stop.Token);
                connections.RemoveWhere(connection => connection.IsCompleted);
                connections.Add(ForwardAsync(client));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using (client)
        {
            try
            {
                using var target = await ConnectAsync();
                if (target is null)
                {
                    return;
                }

                client.NoDelay = true;
                await Task.WhenAll(CopyAsync(client, target), CopyAsync(target, client));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One side went away: so does the other.
            }
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        patience.CancelAfter(HoldTime);
        while (true)
        {
            var targets = _targets;
            for (var i = 0; i < targets.Length; i++)
            {
                var port = targets[(int)((uint)Interlocked.Increment(ref _next) % targets.Length)];
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                    return socket;
                }
                catch (SocketException)
                {
                    socket.Dispose();
                }
                catch (OperationCanceledException)
                {
                    socket.Dispose();
                    throw;
                }
            }

            await Task.Delay(100, patience.Token);
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A broken side must not leave the other half open.
            to.Close();
            from.Close();
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
