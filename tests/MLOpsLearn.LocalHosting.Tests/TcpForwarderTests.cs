using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.Engine;

namespace Aspire.Hosting.Tests;

/// <summary>One address for several instances.</summary>
public sealed class TcpForwarderTests
{
    [Fact]
    public async Task A_connection_is_held_until_an_instance_is_there()
    {
        await using var forwarder = Started(out var port);
        using var client = await ConnectAsync(port);
        var answer = ReadAsync(client);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.False(answer.IsCompleted);

        using var instance = new Instance("late");
        forwarder.AddTarget(instance.Port);

        Assert.Equal("late", await answer);
    }

    [Fact]
    public async Task Connections_go_to_the_instances_in_turn_and_not_to_one_that_is_gone()
    {
        await using var forwarder = Started(out var port);
        using var one = new Instance("one");
        using var two = new Instance("two");
        forwarder.AddTarget(one.Port);
        forwarder.AddTarget(two.Port);
        Assert.Equal(["one", "one", "two", "two"], (await AnswersAsync(port, 4)).Order());

        // First a death that nobody told of yet, then one that was told.
        one.Dispose();
        Assert.Equal(["two", "two", "two"], await AnswersAsync(port, 3));
        forwarder.RemoveTarget(one.Port);
        Assert.Equal(["two", "two"], await AnswersAsync(port, 2));
    }

    private static TcpForwarder Started(out int port)
    {
        port = new PortAllocator().Next();
        var forwarder = new TcpForwarder(port);
        forwarder.Start();
        return forwarder;
    }

    private static async Task<List<string>> AnswersAsync(int port, int count)
    {
        var answers = new List<string>();
        for (var i = 0; i < count; i++)
        {
            using var client = await ConnectAsync(port);
            answers.Add(await ReadAsync(client));
        }

        return answers;
    }

    private static async Task<TcpClient> ConnectAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        return client;
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII, leaveOpen: true);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Says its name to whoever connects, and hangs up.</summary>
    private sealed class Instance : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Instance(string name)
        {
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _ = AnswerAsync(name);
        }

        public int Port { get; }

        public void Dispose() => _listener.Stop();

        private async Task AnswerAsync(string name)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(name));
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Stopped.
            }
        }
    }
}
