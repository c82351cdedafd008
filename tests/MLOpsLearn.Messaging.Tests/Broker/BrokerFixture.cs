using Aspire.Hosting;
using Aspire.Hosting.Engine;
using MLOpsLearn.Messaging.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

[assembly: AssemblyFixture(typeof(MLOpsLearn.Messaging.Tests.Broker.BrokerFixture))]

namespace MLOpsLearn.Messaging.Tests.Broker;

/// <summary>A private RabbitMQ of its own for the tests; started when the first test asks for it.</summary>
public sealed class BrokerFixture : IAsyncDisposable
{
    /// <summary>The broker's own control program, where Debian puts it.</summary>
    public const string Control = "/usr/lib/rabbitmq/bin/rabbitmqctl";

    private readonly SemaphoreSlim _starting = new(1, 1);
    private DistributedApplication? _app;
    private string? _address;

    /// <summary>The broker's address; skips the test where there is no broker to start.</summary>
    public async Task<string> AddressAsync()
    {
        Assert.SkipWhen(Programs.Find("rabbitmq-server") is null, "skipped: install the servers with deploy/local/install.sh");
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return _address ??= await StartAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Kills the broker's process; the engine starts it again.</summary>
    public void Kill()
    {
        foreach (var id in _app!.ResourceNotifications.TryGet("messaging")!.ProcessIds)
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The same, once what was declared last is in the broker's own directory: a quorum queue younger than a moment would be lost with the kill.</summary>
    public async Task KillSettledAsync()
    {
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Kill();
    }

    /// <summary>Lets the broker's processes stand still, or go on: its connections stay, and nobody answers on them.</summary>
    public async Task StandStillAsync(bool isStill)
    {
        // All are known before the first is moved: on their way again, children come and go.
        var ids = new List<int>(_app!.ResourceNotifications.TryGet("messaging")!.ProcessIds);
        for (var i = 0; i < ids.Count; i++)
        {
            try
            {
                foreach (var thread in Directory.GetDirectories($"/proc/{ids[i]}/task"))
                {
                    ids.AddRange((await File.ReadAllTextAsync($"{thread}/children", CancellationToken.None)).Split(' ', StringSplitOptions.RemoveEmptyEntries)
                        .Select(child => int.Parse(child, System.Globalization.CultureInfo.InvariantCulture)));
                }
            }
            catch (IOException)
            {
                // It has ended meanwhile, or one of its threads has.
            }
        }

        using var process = System.Diagnostics.Process.Start("kill", [isStill ? "-STOP" : "-CONT", .. ids.Select(id => $"{id}")]);
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience.Wait);
    }

    public async Task<IConnection> ConnectAsync() => await new ConnectionFactory { Uri = new Uri(await AddressAsync()) }.CreateConnectionAsync(TestContext.Current.CancellationToken);

    /// <summary>Connects to a broker that is on its way up.</summary>
    public async Task<IConnection> ReconnectAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ConnectAsync();
            }
            catch (Exception exception) when (exception is BrokerUnreachableException or IOException)
            {
                await Task.Delay(200, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Declares a queue of the product with those that stand beside it, all of them empty. They are not deleted and declared again: a broker that is
    /// killed soon after that may not find its way back to the new ones.
    /// </summary>
    internal async Task EmptyAsync(ProductQueue queue)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        await TopologyDeclaration.DeclareAsync(channel, [queue], TestContext.Current.CancellationToken);
        foreach (var name in (string[])[queue.Name, BrokerTopology.DeadLetterQueueOf(queue.Name), .. BrokerTopology.RetryDelays.Select(delay => BrokerTopology.RetryQueueOf(queue.Name, delay))])
        {
            await channel.QueuePurgeAsync(name, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The same for a queue of <see cref="BrokerTopology.Queues"/>.</summary>
    internal Task EmptyAsync(string queue) => EmptyAsync(BrokerTopology.Queues.Single(known => known.Name == queue));

    /// <summary>Runs the broker's own control program.</summary>
    public async Task ControlAsync(params string[] arguments)
    {
        var id = _app!.ResourceNotifications.TryGet("messaging")!.ProcessIds[0];
        var start = new System.Diagnostics.ProcessStartInfo(Control, ["--node", "messaging@localhost", .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var setting in (await File.ReadAllTextAsync($"/proc/{id}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = setting.Split('=')[0];
            if (name is "HOME" or "ERL_EPMD_PORT" or "ERL_EPMD_ADDRESS")
            {
                start.Environment[name] = setting[(name.Length + 1)..];
            }
        }

        using var process = System.Diagnostics.Process.Start(start)!;
        var (code, output, errors) = await process.EndAsync();
        Assert.True(code == 0, errors + output);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _starting.Dispose();
    }

    private async Task<string> StartAsync()
    {
        var builder = DistributedApplication.CreateBuilder(["--ephemeral"]);
        var messaging = builder.AddRabbitMQ("messaging");
        _app = builder.Build();
        var states = _app.ResourceNotifications;
        await _app.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.EndsAsync(states.WaitForResourceHealthyAsync("messaging", TestContext.Current.CancellationToken), () => states.TryGet("messaging"));
        return _app.Engine.Model.ConnectionString(messaging.Resource);
    }
}
