using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Tests.Jobs;

/// <summary>Whole jobs, with the real worker process.</summary>
public sealed class JobRunTests
{
    [Fact]
    public async Task A_job_trains_logs_registers_and_passes_the_gate()
    {
        await using var host = await TrainingHost.StartAsync();
        var job = await host.StartJobAsync(Trips.Yaml(extra: "baseline: { kind: sdca }"), host.Neighbours.UploadedInput("trips.parquet", Trips.File()));

        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, "promoted", 1, 1), (job.State, job.Outcome, job.ModelVersion, job.Attempt));
        Assert.Equal(["prepare", "fit", "evaluate", "log", "register", "gate"], job.Steps.Select(step => step.Name));
        Assert.All(job.Steps, step => Assert.True(step.EndTime >= step.StartTime));
        Assert.True(job.FitEndTime > job.FitStartTime);
        Assert.InRange(job.PeakMemoryBytes, 10_000_000, 2_000_000_000);
        var run = host.Neighbours.Tracking.Runs[job.RunId];
        Assert.Equal(RunStatus.Finished, run.Status);
        var metrics = run.Metrics.ToDictionary(metric => metric.Key, metric => metric.Value);
        Assert.InRange(metrics["rmse"], 0.01, 3);
        Assert.True(metrics.ContainsKey("training_rmse") && metrics.ContainsKey("baseline_rmse") && metrics.ContainsKey("fit_seconds"));
        Assert.Equal(["evaluation", "training"], run.Datasets.Select(dataset => dataset.Context).Order());
        Assert.All(run.Datasets, dataset => Assert.Equal((64, dataset.Sha256[..32]), (dataset.Sha256.Length, dataset.Digest)));
        Assert.Equal("42", run.Tags["mlopslearn.seed"]);
        Assert.Contains(run.Tags.Keys, key => key.StartsWith("package.", StringComparison.Ordinal));
        var version = Assert.Single(host.Neighbours.Registry.Versions);
        Assert.Equal((job.JobId, "trips", 1), (version.Origin.JobId, version.Origin.Pipeline, version.Origin.PipelineVersion));
        Assert.Equal([("zone", ColumnKind.Categorical), ("distance", ColumnKind.Numeric)], version.Signature.Inputs.Select(input => (input.Name, input.Kind)));
        Assert.False(Assert.Single(host.Neighbours.Registry.Evaluations).Automatic);
        Assert.Equal("rmse", Assert.Single(host.Neighbours.Registry.Policies).Metric);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(host.Folder, "work", "jobs")));
    }

    [Theory]
    [InlineData("{ kind: lightgbm, iterations: 20 }")]
    [InlineData("{ kind: fasttree, iterations: 20 }")]
    [InlineData("{ kind: sdca }")]
    public async Task Training_twice_with_one_seed_gives_identical_metrics(string trainer)
    {
        await using var host = await TrainingHost.StartAsync();
        var input = host.Neighbours.UploadedInput("trips.parquet", Trips.File());

        var runs = new List<Run>();
        for (var i = 0; i < 2; i++)
        {
            host.Neighbours.Registry.Champion = null;
            var job = await host.StartJobAsync(Trips.Yaml(trainer: trainer), input);
            job = await host.UntilEndedAsync(job.JobId);
            Assert.Equal((JobState.Succeeded, ""), (job.State, job.Message));
            runs.Add(host.Neighbours.Tracking.Runs[job.RunId]);
        }

        Assert.Equal(Numbers(runs[0]), Numbers(runs[1]));
        Assert.Equal(runs[0].Datasets.Select(dataset => dataset.Sha256), runs[1].Datasets.Select(dataset => dataset.Sha256));
        var files = runs.Select(run => host.Neighbours.Tracking.Artifacts[$"{run.RunId}/model/model.bin"]).ToList();
        Assert.Equal(files[0], files[1]);
    }

    [Fact]
    public async Task A_window_job_trains_on_what_monitoring_joined_and_compares_with_the_champion()
    {
        await using var host = await TrainingHost.StartAsync();
        var first = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("trips.parquet", Trips.File()));
        await host.UntilEndedAsync(first.JobId);
        host.Neighbours.Monitoring.Window = Trips.File("SELECT 'p' || rowid AS prediction_id, * FROM trips", from: "2024-03-01");
        host.Neighbours.Monitoring.WindowRows = 2000;

        var second = await host.StartJobAsync(Trips.Yaml(), Window("2024-03-01", "2024-04-01"));
        second = await host.UntilEndedAsync(second.JobId);

        Assert.Equal((JobState.Succeeded, ""), (second.State, second.Message));
        var run = host.Neighbours.Tracking.Runs[second.RunId];
        Assert.Equal(("1", "none"), (run.Tags["mlopslearn.champion_version"], run.Tags["mlopslearn.champion_overlap"]));
        Assert.Contains(run.Metrics, metric => metric.Key == "champion_rmse");
        var rows = ScoredRows.Read(host.Neighbours.Tracking.Artifacts[$"{second.RunId}/evaluation/scored-rows.parquet"]);
        Assert.Equal(["prediction_id", "event_time", "label", "challenger", "champion", "zone", "distance"], rows.Columns);
        Assert.Equal((400, 400, "1", "1"), (rows.Count, rows.WithChampion, rows.ChampionVersion, rows.Format));
        Assert.Equal(new DateTime(2024, 3, 1).AddMinutes(1600), rows.FirstTime);
        Assert.Equal("p1600", rows.FirstId);
    }

    [Fact]
    public async Task Rows_that_the_champion_was_trained_on_are_not_compared_on()
    {
        await using var host = await TrainingHost.StartAsync();
        var newer = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("new.parquet", Trips.File(from: "2024-01-02")));
        await host.UntilEndedAsync(newer.JobId);

        var older = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("old.parquet", Trips.File(from: "2024-01-01")));
        older = await host.UntilEndedAsync(older.JobId);

        Assert.Equal(JobState.Failed, older.State);
        Assert.Contains("overlap", older.Message, StringComparison.Ordinal);
        // The run is ended right after the job, by a call of its own.
        await Eventually.HoldsAsync(() => host.Neighbours.Tracking.Runs[older.RunId].Status == RunStatus.Failed);
    }

    [Fact]
    public async Task A_champion_whose_file_differs_from_its_digest_is_refused()
    {
        await using var host = await TrainingHost.StartAsync();
        var first = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("trips.parquet", Trips.File()));
        first = await host.UntilEndedAsync(first.JobId);
        host.Neighbours.Tracking.Artifacts[$"{first.RunId}/model/model.bin"][100] ^= 1;

        var second = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("later.parquet", Trips.File(from: "2024-03-01")));
        second = await host.UntilEndedAsync(second.JobId);

        Assert.Equal(JobState.Failed, second.State);
        Assert.Contains("SHA-256", second.Message, StringComparison.Ordinal);
    }

    private static JobInput Window(string start, string end) => new()
    {
        Window = new WindowInput { Endpoint = "trips", Start = Moment(start), End = Moment(end), AsOf = Moment(end) },
    };

    private static Google.Protobuf.WellKnownTypes.Timestamp Moment(string day) =>
        Google.Protobuf.WellKnownTypes.Timestamp.FromDateTime(DateTime.SpecifyKind(DateTime.Parse(day, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc));

    private static Dictionary<string, double> Numbers(Run run) =>
        run.Metrics.Where(metric => metric.Key != "fit_seconds").ToDictionary(metric => metric.Key, metric => metric.Value);
}
