using MLOpsLearn.Learning.FeatureEncoding;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Learning.Training;

/// <summary>A fitted pipeline and how it came about.</summary>
/// <param name="Pipeline">The model.</param>
/// <param name="FitStarted">When the first row went into the trainer.</param>
/// <param name="FitEnded">When the model was in memory.</param>
/// <param name="Notice">What the user should know, for example that another trainer was used; null for nothing.</param>
public sealed record FitResult(FittedPipeline Pipeline, DateTimeOffset FitStarted, DateTimeOffset FitEnded, string? Notice);

/// <summary>Fits the pipeline of a specification. Equal rows and seed give an equal model.</summary>
public static class PipelineTrainer
{
    /// <param name="specification">Features, target and seed.</param>
    /// <param name="trainer">The specification's trainer, or its baseline.</param>
    /// <param name="rows">Training rows: every input of the features with its kind, and the target without missing values.</param>
    /// <param name="time">Clock of the measurement.</param>
    /// <param name="cancellationToken">Looked at before the trainer begins, which can't be stopped on its way.</param>
    /// <exception cref="ArgumentException">A column is absent or of another kind, or there are no rows.</exception>
    public static FitResult Fit(
        PipelineSpecification specification, TrainerSpecification trainer, ColumnTable rows, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rows.Rows);
        cancellationToken.ThrowIfCancellationRequested();
        var signature = SignatureOf(specification);
        var (kind, notice) = TrainerAvailability.Choose(trainer.Kind, TrainerAvailability.HasLightGbm);
        var started = time.GetUtcNow();
        var (encoders, scorer) = kind == TrainerKind.Sdca
            ? LinearTrainer.Fit(specification, trainer, signature, rows)
            : FitTrees(specification, trainer with { Kind = kind }, signature, rows);
        return new FitResult(new FittedPipeline(signature, kind, specification.Seed, encoders, scorer), started, time.GetUtcNow(), notice);
    }

    /// <summary>The inputs that callers send: every feature that is not a cross.</summary>
    public static ModelSignature SignatureOf(PipelineSpecification specification) => new(
        [.. specification.Features.Where(feature => feature.Cross is null).Select(feature => new SignatureInput(feature.Name, feature.Kind))],
        specification.Target.Name);

    private static (IReadOnlyList<FeatureEncoder> Encoders, IScorer Scorer) FitTrees(
        PipelineSpecification specification, TrainerSpecification trainer, ModelSignature signature, ColumnTable rows)
    {
        var (encoders, features) = new EncoderFitter(specification, rows, specification.Seed).FitForTrees(specification, signature);
        return (encoders, TreeTrainer.Fit(trainer, features, encoders.Count, rows.Numbers(specification.Target.Name), specification.Seed));
    }
}
