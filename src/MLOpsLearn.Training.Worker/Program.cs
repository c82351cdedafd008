using Grpc.Core;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Worker;
using MLOpsLearn.Training.Worker.Assignments;
using MLOpsLearn.Training.Worker.Inputs;
using MLOpsLearn.Training.Worker.Runs;
using MLOpsLearn.Training.Worker.Standby;

// Trains one model for one job and ends. Everything it needs comes by environment from the training service, which watches over it.
const int done = 0, failed = 1;

ProcessMemory.PreferThisProcess();
if (args is [StandbyWait.Argument])
{
    // The job may come in the middle of the rehearsal: then both go on side by side.
    _ = Rehearsal.RunAsync(Directory.GetCurrentDirectory(), TimeProvider.System, CancellationToken.None);
    if (!await StandbyWait.TakeJobAsync(CancellationToken.None))
    {
        return done;
    }
}

WorkerEnvironment environment;
try
{
    environment = WorkerEnvironment.Read();
}
catch (WorkFault fault)
{
    await Console.Error.WriteLineAsync(fault.Message);
    return 2;
}

using var stop = new CancellationTokenSource();
var parent = environment.EndsWithParent ? ParentWatch.RunAsync(stop.Token) : Task.CompletedTask;
var time = TimeProvider.System;
// The service that started this process shows its steps; each call from here is told whose trace it belongs to.
using var channels = new Channels(environment.TraceParent);
using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
if (environment.TraceParent is not null)
{
    http.DefaultRequestHeaders.Add(Channels.TraceKey, environment.TraceParent);
}

var service = new TrainingWorker.TrainingWorkerClient(channels.To(environment.TrainingGrpc, environment.Token));
var progress = new Progress(service, environment.JobId, time);
var result = new CompleteAssignmentRequest { JobId = environment.JobId };
var reporting = Task.CompletedTask;
var warmUp = Task.Run(WarmUp.Run, stop.Token);
try
{
    var assignment = await service.GetAssignmentAsync(
        new GetAssignmentRequest { JobId = environment.JobId }, deadline: time.GetUtcNow().UtcDateTime.AddSeconds(30), cancellationToken: stop.Token);
    reporting = progress.ReportUntilDoneAsync(stop.Token);
    await warmUp;
    var folder = Directory.GetCurrentDirectory();
    var runs = new RunLog(new Tracking.TrackingClient(channels.To(environment.TrackingGrpc)), http, environment, time);
    var inputs = new InputFetcher(http, new Monitoring.MonitoringClient(channels.To(environment.MonitoringGrpc)), environment, folder, time);
    result.Model = await new AssignmentWork(assignment, progress, inputs, runs, environment, folder, time).RunAsync(stop.Token);
}
catch (WorkFault fault)
{
    result.Failure = new Failure { Message = fault.Message, Retryable = fault.IsRetryable };
}
catch (OutOfMemoryException)
{
    result.Failure = new Failure
    {
        Message = $"The training needs more memory than the limit of {environment.MemoryLimitBytes / 1024 / 1024} MiB (setting Training:MemoryLimitBytes).",
        Retryable = true,
    };
}
catch (RpcException exception)
{
    result.Failure = new Failure { Message = $"A service did not do its part: {exception.Status.Detail}", Retryable = true };
}
catch (HttpRequestException exception)
{
    result.Failure = new Failure { Message = $"A service could not be reached: {exception.Message}", Retryable = true };
}

catch (Exception exception) when (exception is not OperationCanceledException)
{
    // The boundary of one job: whatever was not foreseen is told, whole in the log and in one line in the job.
    await Console.Error.WriteLineAsync(exception.ToString());
    result.Failure = new Failure { Message = $"The worker met a fault that it did not foresee: {exception.GetType().Name}: {exception.Message}", Retryable = true };
}

progress.Fill(result);
result.PeakMemoryBytes = ProcessMemory.PeakBytes();
await service.CompleteAssignmentAsync(result, deadline: time.GetUtcNow().UtcDateTime.AddSeconds(30), cancellationToken: stop.Token);
return result.Failure is null ? done : failed;
