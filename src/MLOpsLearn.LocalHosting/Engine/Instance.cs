using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>
/// One instance of a resource: starts it, starts it again when it dies (the one thing that the genuine engine doesn't do), after 0.5 s, 1 s,
/// 2 s and so on, and gives up at the sixth death, each within a minute of its start.
/// </summary>
internal sealed class Instance(
    IResource resource, Func<ProcessSpec> spec, ResourceNotificationService states, OrphanGuard guard, Action<string> log, TimeProvider time)
{
    private const int MostRestarts = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Healed = TimeSpan.FromMinutes(1);
    /// <summary>Variables that would turn a private server into another one.</summary>
    private static readonly string[] ServerVariables = ["RABBITMQ_", "ERL_", "PG"];

    /// <summary>Runs until cancelled; then the process is asked to end.</summary>
    public async Task RunAsync(Action started, Action ended, CancellationToken cancellationToken)
    {
        var deaths = 0;
        while (true)
        {
            var startedAt = time.GetTimestamp();
            using var process = ChildProcess.Start(spec(), guard, log, withheld: resource is ContainerResource ? ServerVariables : []);
            states.Update(resource.Name, now => now with
            {
                State = KnownResourceStates.Running,
                ProcessIds = [.. now.ProcessIds, process.Id],
                Reason = null,
            });
            started();
            int exitCode;
            try
            {
                exitCode = await process.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                await process.StopAsync(Patience);
                guard.Forget(process.Id);
                ended();
                return;
            }

            ended();
            guard.Forget(process.Id);
            deaths = time.GetElapsedTime(startedAt) > Healed ? 1 : deaths + 1;
            states.Update(resource.Name, now => now with
            {
                State = now.ProcessIds.Count > 1
                    ? now.State
                    : resource is ContainerResource ? KnownResourceStates.Exited : KnownResourceStates.Finished,
                IsHealthy = now.ProcessIds.Count > 1 && now.IsHealthy,
                ExitCode = exitCode,
                ProcessIds = [.. now.ProcessIds.Where(id => id != process.Id)],
            });
            if (resource is ExecutableResource && exitCode == 0)
            {
                // A program that has done its work.
                return;
            }

            if (deaths > MostRestarts)
            {
                var reason = $"ended {deaths} times in a row, the last time with exit code {exitCode}; see its log";
                states.Update(resource.Name, now => now.ProcessIds.Count > 0
                    ? now with { Reason = $"an instance {reason}" }
                    : now with { State = KnownResourceStates.FailedToStart, IsHealthy = false, Reason = reason });
                return;
            }

            try
            {
                await Task.Delay(FirstPause * Math.Pow(2, deaths - 1), time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            states.Update(resource.Name, now => now with { State = now.ProcessIds.Count > 0 ? now.State : KnownResourceStates.Starting, Restarts = now.Restarts + 1 });
        }
    }
}
