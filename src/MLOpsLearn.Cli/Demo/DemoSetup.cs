using System.Globalization;
using Grpc.Core;
using MLOpsLearn.Cli.Trips;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Cli.Demo;

/// <summary>What the demo sets up with public calls before the replay: data, pipelines, first versions, endpoints, monitors.</summary>
internal sealed class DemoSetup(MLOpsLearnClient client, DemoProgress progress)
{
    private static readonly TimeSpan JobPatience = TimeSpan.FromMinutes(5);

    /// <returns>Name of the model, which its endpoint has as well; the linear one's ends with "-linear".</returns>
    public async Task<string> RunAsync(TripFile first, int seed, CancellationToken cancellationToken)
    {
        var name = await FreeNameAsync(cancellationToken);
        progress.Now($"Uploading {first.Name} …");
        var dataUri = await UploadAsync(name, first, cancellationToken);
        progress.Done($"Data of {first.Name} is stored with its digest");
        await TrainAsync(name, DemoPipelines.Trees(name, dataUri, seed), first, cancellationToken);
        await TrainAsync(LinearOf(name), DemoPipelines.Linear(LinearOf(name), dataUri, seed), first, cancellationToken);
        await ServeAsync(name, cancellationToken);
        progress.Done($"Endpoint {name} serves version 1, with version 1 as frozen shadow; its inputs and its quality are watched");
        return name;
    }

    public static string LinearOf(string name) => name + "-linear";

    private async Task<string> FreeNameAsync(CancellationToken cancellationToken)
    {
        // A server that had a demo before keeps its history: this one gets a model of its own.
        for (var number = 1; ; number++)
        {
            var name = number == 1 ? "trip-duration" : string.Create(CultureInfo.InvariantCulture, $"trip-duration-{number}");
            try
            {
                await client.Registry.CreateModelAsync(
                    new CreateModelRequest { RequestId = MLOpsLearnClient.NewRequestId(), Name = name, Description = "Trip duration in minutes." }, cancellationToken: cancellationToken);
                await client.Registry.CreateModelAsync(
                    new CreateModelRequest { RequestId = MLOpsLearnClient.NewRequestId(), Name = LinearOf(name), Description = "The linear baseline." }, cancellationToken: cancellationToken);
                return name;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.AlreadyExists && number < 1000)
            {
            }
        }
    }

    private async Task<string> UploadAsync(string name, TripFile file, CancellationToken cancellationToken)
    {
        var experiment = await client.Tracking.CreateExperimentAsync(
            new CreateExperimentRequest { RequestId = MLOpsLearnClient.NewRequestId(), Name = $"{name}-data" }, cancellationToken: cancellationToken);
        var run = await client.Tracking.CreateRunAsync(
            new CreateRunRequest { RequestId = MLOpsLearnClient.NewRequestId(), ExperimentId = experiment.ExperimentId, Name = $"data {file.Name}" }, cancellationToken: cancellationToken);
        var path = $"data/{Path.GetFileName(file.Path)}";
        await client.UploadArtifactAsync(run.RunId, path, file.Path, cancellationToken);
        await client.Tracking.FinishRunAsync(new FinishRunRequest { RunId = run.RunId, Status = RunStatus.Finished }, cancellationToken: cancellationToken);
        return $"runs:/{run.RunId}/{path}";
    }

    private async Task TrainAsync(string name, string yaml, TripFile file, CancellationToken cancellationToken)
    {
        progress.Now($"Training {name} on {file.Name} …");
        await client.Training.PutPipelineAsync(new PutPipelineRequest { Name = name, Yaml = yaml }, cancellationToken: cancellationToken);
        var job = await client.Training.StartJobAsync(
            new StartJobRequest { RequestId = MLOpsLearnClient.NewRequestId(), Pipeline = name, Reason = "first version" }, cancellationToken: cancellationToken);
        await Waiting.UntilAsync(
            JobPatience,
            new CommandException($"The training of {name} did not end within {JobPatience.TotalMinutes:0} minutes.", ExitCodes.Failed),
            async token =>
            {
                job = await WatchAsync(job, step => progress.Now($"Training {name} on {file.Name}: {step} …"), token);
                return job.State is JobState.Succeeded or JobState.Failed or JobState.Cancelled;
            },
            cancellationToken);
        if (job.State != JobState.Succeeded || job.Outcome != "promoted")
        {
            throw new CommandException($"The first version of {name} was not promoted: its job {job.JobId} is {job.State}. {job.OutcomeReason}{job.Message}", ExitCodes.Failed);
        }

        progress.Done($"{name} version {job.ModelVersion} is trained on {file.Name} and promoted: {job.OutcomeReason}");
    }

    /// <summary>Follows the job to its end, or to where the connection breaks: the job is then taken up again, and so is watching it.</summary>
    private async Task<Job> WatchAsync(Job job, Action<string> onStep, CancellationToken cancellationToken)
    {
        var hasBegun = false;
        using var watching = client.Training.WatchJob(new WatchJobRequest { JobId = job.JobId }, deadline: DateTime.MaxValue, cancellationToken: cancellationToken);
        try
        {
            while (await watching.ResponseStream.MoveNext(cancellationToken))
            {
                hasBegun = true;
                job = watching.ResponseStream.Current;
                if (job.Steps.LastOrDefault() is { } step)
                {
                    onStep(step.Name);
                }
            }
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested
            && (exception.StatusCode is StatusCode.Internal or StatusCode.Cancelled || (hasBegun && exception.StatusCode is StatusCode.Unavailable)))
        {
            // Broken in the middle. One that could not even begin was made again before.
        }

        return job;
    }

    private async Task ServeAsync(string name, CancellationToken cancellationToken)
    {
        progress.Now("Bringing the endpoints up …");
        foreach (var model in new[] { name, LinearOf(name) })
        {
            await client.Inference.CreateEndpointAsync(
                new CreateEndpointRequest { RequestId = MLOpsLearnClient.NewRequestId(), Name = model, Model = model, Alias = "champion" }, cancellationToken: cancellationToken);
        }

        await client.Inference.SetShadowsAsync(new SetShadowsRequest { Name = name, ShadowVersions = { 1 } }, cancellationToken: cancellationToken);
        await client.Monitoring.PutSubjectAsync(
            new PutSubjectRequest
            {
                Endpoint = name,
                Subject = new Subject
                {
                    Model = name,
                    Output = "duration",
                    WindowPeriod = WindowPeriod.Month,
                    AllowedLatenessSeconds = 3600,
                    Columns =
                    {
                        Column("PULocationID", FeatureKind.Categorical),
                        Column("DOLocationID", FeatureKind.Categorical),
                        Column("trip_distance", FeatureKind.Numeric),
                        Column("hour", FeatureKind.Categorical),
                        // The calendar decides the weekday: the reference's few days never have a month's mix.
                        new FeatureColumn { Name = "weekday", Kind = FeatureKind.Categorical, Untested = true },
                    },
                },
            },
            cancellationToken: cancellationToken);
        // One window is enough to fire: a month is a long time to wait for a second.
        await PutMonitorAsync(name, "input-drift", MonitorKind.Drift, raise: 0, cancellationToken);
        await PutMonitorAsync(name, "skill", MonitorKind.SkillDrop, raise: 0.05, cancellationToken);
        await Waiting.UntilAsync(
            "the reference of the first version",
            async token =>
            {
                try
                {
                    return (await client.Monitoring.GetReferenceAsync(new GetReferenceRequest { Endpoint = name }, cancellationToken: token)).Version == 1;
                }
                catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
                {
                    return false;
                }
            },
            cancellationToken);
    }

    private async Task PutMonitorAsync(string endpoint, string monitor, MonitorKind kind, double raise, CancellationToken cancellationToken) =>
        await client.Monitoring.PutMonitorAsync(
            new PutMonitorRequest
            {
                Endpoint = endpoint,
                Name = monitor,
                Monitor = new Contracts.Monitoring.V1.Monitor { Kind = kind, Raise = raise, Clear = raise * 0.6, ForWindows = 1, ClearWindows = 1, RenotifyWindows = 1 },
            },
            cancellationToken: cancellationToken);

    private static FeatureColumn Column(string name, FeatureKind kind) => new() { Name = name, Kind = kind };
}
