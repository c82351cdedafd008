using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Learning.Evaluation;
using MLOpsLearn.Learning.Formats;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Training;
using MLOpsLearn.Training.Worker.Inputs;
using MLOpsLearn.Training.Worker.Runs;
using MLOpsLearn.Training.Worker.Tables;

namespace MLOpsLearn.Training.Worker.Assignments;

/// <summary>The steps of one training, from input to the artifacts of its run.</summary>
internal sealed class AssignmentWork(
    Assignment assignment, Progress progress, InputFetcher inputs, RunLog runs, WorkerEnvironment environment, string folder, TimeProvider time)
{
    /// <summary>
    /// Files of a run don't change, and an attempt that died may have stored some: another one's differ, by their time if nothing else, so they lie beside.
    /// </summary>
    private string Beside => assignment.Attempt > 1 ? string.Create(CultureInfo.InvariantCulture, $"attempt-{assignment.Attempt}/") : "";

    private string ModelFolder => $"{Beside}model";

    private string ScoredRowsPath => $"{Beside}evaluation/scored-rows.parquet";

    private bool IsWindow => assignment.Input.SourceCase == JobInput.SourceOneofCase.Window;

    /// <exception cref="WorkFault">It can't be done.</exception>
    public async Task<TrainedModel> RunAsync(CancellationToken cancellationToken)
    {
        var (specification, faults) = PipelineSpecificationReader.Parse(assignment.Yaml);
        if (specification is null)
        {
            throw new WorkFault($"The specification is wrong: {string.Join("; ", faults.Select(fault => $"{fault.Path} {fault.Rule}"))}");
        }

        progress.Begin("prepare");
        // All three come over the network; a fault of one waits for the others, so that the run is known when the job fails.
        var opening = OpenRunAsync(specification, cancellationToken);
        var loading = LoadChampionAsync(cancellationToken);
        var fetching = FetchAsync(cancellationToken);
        await Task.WhenAll(opening, loading, fetching);
        var (runId, champion, files) = (await opening, await loading, await fetching);
        var split = Prepare(specification, files, champion);
        var championNote = champion?.CheckUnseen(split.HeldOut);
        progress.End($"{split.Training.Count:N0} rows train, {split.HeldOut.Count:N0} held out; {split.Training.DroppedText}");

        progress.Begin("fit");
        var fit = PipelineTrainer.Fit(specification, specification.Trainer, split.Training.Table, time, cancellationToken);
        progress.FitBegan(fit.FitStarted);
        progress.FitEnded(fit.FitEnded);
        progress.End(string.Create(CultureInfo.InvariantCulture, $"{fit.Pipeline.Trainer} in {(fit.FitEnded - fit.FitStarted).TotalSeconds:0.00} s"));

        progress.Begin("evaluate");
        var challenger = Score(fit.Pipeline, split.HeldOut);
        var rival = champion is null ? null : Score(champion.Pipeline, split.HeldOut);
        var notes = Notes(fit, champion, championNote, split);
        var result = await EvaluateAsync(specification, split, fit, challenger, rival, notes, cancellationToken);
        progress.End(string.Create(
            CultureInfo.InvariantCulture,
            $"rmse {result.HeldOut.Rmse:0.0000}{(result.Champion is { } known ? $", champion {known.Rmse:0.0000}" : "")} on {split.HeldOut.Count:N0} held-out rows"));

        progress.Begin("log");
        await StoreAsync(specification, files, split, result, challenger, rival, champion?.Version ?? 0, runId, cancellationToken);
        progress.End($"run {runId}");
        return Describe(split, result, champion?.Version ?? 0);
    }

    private async Task<string> OpenRunAsync(PipelineSpecification specification, CancellationToken cancellationToken)
    {
        var runId = assignment.RunId.Length > 0 ? assignment.RunId : await runs.OpenAsync(assignment, specification.Experiment, cancellationToken);
        progress.Run(runId);
        return runId;
    }

    private async Task<ChampionModel?> LoadChampionAsync(CancellationToken cancellationToken) =>
        assignment.Champion is { } holder ? await ChampionModel.LoadAsync(holder, inputs, runs, cancellationToken) : null;

    private async Task<IReadOnlyList<InputFile>> FetchAsync(CancellationToken cancellationToken) => IsWindow
        ? [await inputs.FetchWindowAsync(assignment.Input.Window, cancellationToken)]
        : await inputs.FetchFilesAsync(assignment.Input.Files, cancellationToken);

    private RowSplit Prepare(PipelineSpecification specification, IReadOnlyList<InputFile> files, ChampionModel? champion)
    {
        using var sandbox = new Sandbox(files, !IsWindow && specification.Dataset.Format == "csv", folder, environment.MemoryLimitBytes / 4);
        sandbox.OpenInput();
        // Rows that monitoring joined went through the preparation before they were served.
        sandbox.Prepare(IsWindow ? null : specification.Dataset.Prepare);
        var columns = PreparedColumn.Of(PipelineTrainer.SignatureOf(specification), champion?.Pipeline.Signature);
        return RowSplit.ByTime(new PreparedReader(sandbox, specification, columns).Read(), specification.Holdout);
    }

    private async Task<TrainingResult> EvaluateAsync(
        PipelineSpecification specification,
        RowSplit split,
        FitResult fit,
        double[] challenger,
        double[]? rival,
        IReadOnlyDictionary<string, string> notes,
        CancellationToken cancellationToken)
    {
        var baseline = specification.Baseline is { } other
            ? PipelineTrainer.Fit(specification, other, split.Training.Table, time, cancellationToken).Pipeline
            : null;
        // Scoring all training rows again is the longest part after the fit; the held-out rows are measured beside it.
        var onTraining = Task.Run(
            () => (Metrics: Measure(specification, split.Training, Score(fit.Pipeline, split.Training)), Digest: RowsDigest.Of(split.Training)), cancellationToken);
        var onHeldOut = Measure(specification, split.HeldOut, challenger);
        return new TrainingResult(
            fit.Pipeline,
            fit.FitStarted,
            fit.FitEnded,
            onHeldOut,
            (await onTraining).Metrics,
            rival is null ? null : Measure(specification, split.HeldOut, rival),
            baseline is null ? null : Measure(specification, split.HeldOut, Score(baseline, split.HeldOut)),
            (await onTraining).Digest,
            RowsDigest.Of(split.HeldOut),
            notes);
    }

    private static RegressionMetrics Measure(PipelineSpecification specification, PreparedRows rows, double[] predictions) =>
        RegressionMetrics.Compute(rows.Table.Numbers(specification.Target.Name).Span, predictions);

    private static Dictionary<string, string> Notes(FitResult fit, ChampionModel? champion, string? championNote, RowSplit split)
    {
        var notes = new Dictionary<string, string>();
        if (fit.Notice is { } notice)
        {
            notes["mlopslearn.trainer_notice"] = notice;
        }

        if (champion is not null)
        {
            notes["mlopslearn.champion_version"] = champion.Version.ToString(CultureInfo.InvariantCulture);
            notes["mlopslearn.champion_overlap"] = championNote is null ? "none" : $"unknown: {championNote}";
        }

        if (split.Training.Quality.Findings.Count > 0)
        {
            notes["mlopslearn.data_quality"] = string.Join("; ", split.Training.Quality.Findings);
        }

        return notes;
    }

    private static double[] Score(FittedPipeline pipeline, PreparedRows rows)
    {
        var predictions = new double[rows.Count];
        pipeline.Score(rows.Table, predictions);
        return predictions;
    }

    private async Task StoreAsync(
        PipelineSpecification specification,
        IReadOnlyList<InputFile> files,
        RowSplit split,
        TrainingResult result,
        double[] challenger,
        double[]? rival,
        int championVersion,
        string runId,
        CancellationToken cancellationToken)
    {
        var (model, metadata, scored) = (Path.Combine(folder, "model.bin"), Path.Combine(folder, "MLmodel"), Path.Combine(folder, "scored-rows.parquet"));
        await using (var stream = File.Create(model))
        {
            FittedPipelineFormat.Write(result.Pipeline, stream);
        }

        var description = new ModelMetadata(
            runId, assignment.Pipeline, result.FitEnded, result.Pipeline.Trainer, result.Pipeline.Seed, result.Pipeline.Signature);
        await File.WriteAllTextAsync(metadata, description.ToYaml(), cancellationToken);
        ScoredRowsFile.Write(scored, split.HeldOut, result.Pipeline.Signature, challenger, rival, championVersion);
        await Task.WhenAll(
            runs.LogAsync(RunFacts.Gather(assignment, specification, files, split, result, runId), cancellationToken),
            runs.UploadAsync(runId, $"{ModelFolder}/{FittedPipelineFormat.FileName}", model, cancellationToken),
            runs.UploadAsync(runId, $"{ModelFolder}/{ModelMetadata.FileName}", metadata, cancellationToken),
            runs.UploadAsync(runId, ScoredRowsPath, scored, cancellationToken));
        await runs.FinishAsync(runId, cancellationToken);
    }

    private TrainedModel Describe(RowSplit split, TrainingResult result, int championVersion)
    {
        var window = assignment.Input.Window;
        var model = new TrainedModel
        {
            ArtifactPath = ModelFolder,
            ModelFile = FittedPipelineFormat.FileName,
            ScoredRowsPath = ScoredRowsPath,
            ChampionVersion = championVersion,
            DatasetSha256 = result.TrainingSha256,
            DataQualityGood = split.Training.Quality.IsGood,
            Output = result.Pipeline.Signature.Output,
            WindowStart = window?.Start ?? Moment(split.Training.Times[0]),
            // The end is exclusive.
            WindowEnd = window?.End ?? Moment(split.HeldOut.Times[^1].AddTicks(TimeSpan.TicksPerMicrosecond)),
        };
        model.DataQualityFindings.AddRange(split.Training.Quality.Findings);
        model.Inputs.AddRange(result.Pipeline.Signature.Inputs.Select(input => new InputColumn
        {
            Name = input.Name,
            Kind = input.Kind == ColumnKind.Categorical ? "categorical" : "numeric",
            Required = input.Required,
        }));
        return model;
    }

    private static Timestamp Moment(DateTime time) => Timestamp.FromDateTime(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
