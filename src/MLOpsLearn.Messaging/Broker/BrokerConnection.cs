using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Broker;

/// <summary>
/// A connection to the broker beside the bus: for what the bus does not speak, that is plain messages of outsiders, dead letters and queues.
/// Made when it is first needed, and made again when it is lost; the caller repeats what failed.
/// </summary>
internal sealed class BrokerConnection(string address) : IAsyncDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _opening = new(1, 1);
    private IConnection? _connection;
    private IChannel? _publisher;

    /// <summary>Opens a channel; the caller disposes of it.</summary>
    /// <param name="confirms">Whether a publish waits until the broker has taken the message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">The broker does not answer.</exception>
    public Task<IChannel> OpenChannelAsync(bool confirms, CancellationToken cancellationToken) => AnsweredAsync(async token =>
    {
        var connection = await ConnectAsync(token);
        return await connection.CreateChannelAsync(new CreateChannelOptions(confirms, confirms, null, 1), token);
    }, cancellationToken);

    /// <summary>Publishes and waits until the broker has the message safely; a message that no queue takes is an error only when <paramref name="mandatory"/>.</summary>
    /// <exception cref="TimeoutException">The broker does not answer; it may have the message all the same.</exception>
    public Task PublishAsync(
        string exchange, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> body, bool mandatory, CancellationToken cancellationToken) => AnsweredAsync(async token =>
    {
        var channel = await PublisherAsync(token);
        await channel.BasicPublishAsync(exchange, routingKey, mandatory, properties, body, token);
        return true;
    }, cancellationToken);

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

    /// <summary>A cancellation that the caller did not ask for is the broker's silence, our limit's or the library's own: workers must not take it for their end.</summary>
    private static async Task<T> AnsweredAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTimeout);
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker did not answer within {AnswerTimeout.TotalSeconds} s.", exception);
        }
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
            if (_publisher is { IsOpen: true } other)
            {
                return other;
            }

            if (_publisher is { } closed)
            {
                _publisher = null;
                await closed.DisposeAsync();
            }

            return _publisher = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellationToken);
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
