using System.Globalization;
using System.Text;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;

namespace MLOpsLearn.Learning.Formats;

/// <summary>
/// The text file "MLmodel" beside a model: what it is, which runtimes can load it, what it takes. One entry per runtime under "flavors", so a
/// further one is added, not migrated.
/// </summary>
/// <param name="RunId">The run that made it.</param>
/// <param name="Pipeline">Name of the pipeline.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="Trainer">What fitted it.</param>
/// <param name="Seed">With which seed.</param>
/// <param name="Signature">What it takes and gives.</param>
public sealed record ModelMetadata(string RunId, string Pipeline, DateTimeOffset CreatedAt, TrainerKind Trainer, int Seed, ModelSignature Signature)
{
    /// <summary>Usual name of the file in a model's folder.</summary>
    public const string FileName = "MLmodel";

    /// <summary>The file's text: YAML with every text quoted.</summary>
    public string ToYaml()
    {
        var yaml = new StringBuilder();
        yaml.AppendLine(CultureInfo.InvariantCulture, $"run_id: {Quote(RunId)}");
        yaml.AppendLine(CultureInfo.InvariantCulture, $"pipeline: {Quote(Pipeline)}");
        yaml.AppendLine(CultureInfo.InvariantCulture, $"utc_time_created: {Quote(CreatedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture))}");
        yaml.AppendLine("flavors:");
        yaml.AppendLine("  mlopslearn:");
        yaml.AppendLine(CultureInfo.InvariantCulture, $"    file: {Quote(FittedPipelineFormat.FileName)}");
        yaml.AppendLine(CultureInfo.InvariantCulture, $"    trainer: {Trainer.ToString().ToLowerInvariant()}");
        yaml.AppendLine(CultureInfo.InvariantCulture, $"    seed: {Seed}");
        yaml.AppendLine("signature:");
        yaml.AppendLine(CultureInfo.InvariantCulture, $"  schema_hash: {Signature.SchemaHash}");
        yaml.AppendLine("  inputs:");
        foreach (var input in Signature.Inputs)
        {
            yaml.AppendLine(CultureInfo.InvariantCulture, $"    - {{ name: {Quote(input.Name)}, kind: {input.Kind.ToString().ToLowerInvariant()}, required: {(input.Required ? "true" : "false")} }}");
        }

        yaml.AppendLine(CultureInfo.InvariantCulture, $"  output: {Quote(Signature.Output)}");
        return yaml.Replace("\r\n", "\n").ToString();
    }

    private static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
