using System.Globalization;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Learning.Formats;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Training.Worker.Inputs;
using MLOpsLearn.Training.Worker.Runs;
using MLOpsLearn.Training.Worker.Tables;

namespace MLOpsLearn.Training.Worker.Assignments;

/// <summary>The version in charge, loaded to be compared with, and which rows it knows.</summary>
/// <param name="Version">Version.</param>
/// <param name="Pipeline">The model.</param>
/// <param name="TrainedFrom">Event time of the first row it was trained on; null when its run doesn't say.</param>
/// <param name="TrainedTo">Event time of the last.</param>
internal sealed record ChampionModel(int Version, FittedPipeline Pipeline, DateTime? TrainedFrom, DateTime? TrainedTo)
{
    /// <exception cref="WorkFault">Its file is absent, differs from what the registry knows, or is no model.</exception>
    public static async Task<ChampionModel> LoadAsync(Champion champion, InputFetcher inputs, RunLog runs, CancellationToken cancellationToken)
    {
        var path = await inputs.FetchArtifactAsync(
            champion.RunId, $"{champion.ArtifactPath}/{champion.ModelFile}", champion.ModelSha256, "champion.bin", cancellationToken);
        var tags = await runs.TagsAsync(champion.RunId, cancellationToken);
        await using var stream = File.OpenRead(path);
        try
        {
            return new ChampionModel(champion.Version, FittedPipelineFormat.Read(stream), Time(tags, RunFacts.TrainedFromTag), Time(tags, RunFacts.TrainedToTag));
        }
        catch (InvalidModelException exception)
        {
            throw new WorkFault($"Champion version {champion.Version} can't be loaded: {exception.Message}", isRetryable: false, exception);
        }
    }

    /// <summary>Holds that the comparison is fair: the champion must not have been trained on the rows that it is compared on.</summary>
    /// <returns>What to note when that can't be told; null when it holds.</returns>
    /// <exception cref="WorkFault">It was trained on some of them.</exception>
    public string? CheckUnseen(PreparedRows heldOut)
    {
        if (TrainedFrom is not { } from || TrainedTo is not { } to)
        {
            return $"the run of version {Version} does not say which rows it was trained on";
        }

        var (first, last) = (heldOut.Times[0], heldOut.Times[^1]);
        return to < first || last < from
            ? null
            : throw new WorkFault(string.Create(
                CultureInfo.InvariantCulture,
                $"The held-out rows ({first:yyyy-MM-dd HH:mm:ss} to {last:yyyy-MM-dd HH:mm:ss}) overlap with those that champion version {Version} was trained on (until {to:yyyy-MM-dd HH:mm:ss}): no fair comparison is possible. Train on newer data."));
    }

    private static DateTime? Time(IReadOnlyDictionary<string, string> tags, string key) =>
        tags.TryGetValue(key, out var text)
        && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}
