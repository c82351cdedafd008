using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Broker;

/// <summary>
/// A connection to the broker beside the bus: for what the bus does not speak, that is plain messages of outsiders, dead letters and queues.
/// Made when it is first needed, and made again when it is lost; the caller repeats what failed.
/// </summary>
internal sealed class BrokerConnection(string address) : IAsyncDisposable
{
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _opening = new(1, 1);
    private IConnection? _connection;
    private IChannel? _publisher;

    /// <summary>Opens a channel; the caller disposes of it.</summary>
    /// <param name="confirms">Whether a publish waits until the broker has taken the message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IChannel> OpenChannelAsync(bool confirms, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(cancellationToken);
        return await connection.CreateChannelAsync(new CreateChannelOptions(confirms, confirms, null, 1), cancellationToken);
    }

    /// <summary>Publishes and waits until the broker has the message safely; a message that no queue takes is an error only when <paramref name="mandatory"/>.</summary>
    public async Task PublishAsync(
        string exchange, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> body, bool mandatory, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConfirmTimeout);
        var channel = await PublisherAsync(limit.Token);
        await channel.BasicPublishAsync(exchange, routingKey, mandatory, properties, body, limit.Token);
    }

    /// <summary>Ends when the connection of now is lost.</summary>
    public async Task LostAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(cancellationToken);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            lost.TrySetResult();
            return Task.CompletedTask;
        };
        if (connection.IsOpen)
        {
            await lost.Task.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_publisher is not null)
        {
            await _publisher.DisposeAsync();
        }

        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _opening.Dispose();
    }

    private async Task<IChannel> PublisherAsync(CancellationToken cancellationToken)
    {
        if (_publisher is { IsOpen: true } open)
        {
            return open;
        }

        var connection = await ConnectAsync(cancellationToken);
        await _opening.WaitAsync(cancellationToken);
        try
        {
            return _publisher is { IsOpen: true } other
                ? other
                : _publisher = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsOpen: true } open)
            {
                return open;
            }

            if (_connection is not null)
            {
                await _connection.DisposeAsync();
                _connection = null;
            }

            // Recovery is ours: the library's own would bring back consumers whose messages are with somebody else by now.
            var factory = new ConnectionFactory { Uri = new Uri(address), AutomaticRecoveryEnabled = false, ClientProvidedName = "mlopslearn" };
            return _connection = await factory.CreateConnectionAsync(cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }
}
