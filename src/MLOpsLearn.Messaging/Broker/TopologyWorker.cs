using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Messaging.Bus;

namespace MLOpsLearn.Messaging.Broker;

/// <summary>
/// Declares the whole topology before this host publishes anything, and again when the broker was away: an event for a service that has never
/// started yet waits in that service's queue instead of being dropped by an exchange that nothing is bound to, even when the broker came back empty.
/// </summary>
internal sealed partial class TopologyWorker(BrokerConnection broker, BusGate gate, TimeProvider time, ILogger<TopologyWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await using (var channel = await broker.OpenChannelAsync(confirms: false, stoppingToken))
                {
                    await TopologyDeclaration.DeclareAsync(channel, BrokerTopology.Queues, stoppingToken);
                }

                gate.Open();
                await broker.LostAsync(stoppingToken);
                gate.Close();
            }
            catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                gate.Close();
                Log.NotDeclared(logger, exception.Message);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1011, LogLevel.Warning, "Exchanges and queues can't be declared yet; it is tried again. {Cause}")]
        public static partial void NotDeclared(ILogger logger, string cause);
    }
}
