using System.Globalization;
using System.Text.Json;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.MLflow.Writing;
using MLOpsLearn.Tracking.Metrics;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>Runs as MLflow writes them.</summary>
internal static class RunJson
{
    private static readonly string[] Names = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];
    private static readonly RunStatus[] Statuses = [RunStatus.Running, RunStatus.Scheduled, RunStatus.Finished, RunStatus.Failed, RunStatus.Killed];

    /// <summary>The names of states in order of MLflow's numbers from 1.</summary>
    public static ReadOnlySpan<string> StatusNames => Names;

    public static RunStatus StatusOf(string name) => Statuses[Array.IndexOf(Names, name)];

    public static string NameOf(RunStatus status) => Names[Array.IndexOf(Statuses, status)];

    /// <summary>A run; without its data when that is null, and without outputs when it is new.</summary>
    public static void Write(Utf8JsonWriter writer, RunRecord run, RunData? data, bool isNew = false)
    {
        WriteInfo(writer, "info", run);
        if (data is null)
        {
            return;
        }

        writer.WriteStartObject("data");
        if (data.Metrics.Count > 0)
        {
            writer.WriteStartArray("metrics");
            foreach (var metric in data.Metrics)
            {
                writer.WriteStartObject();
                WriteMetric(writer, metric);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WritePairs("params", data.Params);
        writer.WritePairs("tags", data.Tags);
        writer.WriteEndObject();
        WriteInputs(writer, data);
        if (!isNew)
        {
            WriteOutputs(writer, data);
        }
    }

    public static void WriteInfo(Utf8JsonWriter writer, string name, RunRecord run)
    {
        writer.WriteStartObject(name);
        writer.WriteString("run_uuid", run.RunId);
        writer.WriteString("experiment_id", run.ExperimentId.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("run_name", run.Name);
        writer.WriteString("user_id", run.UserId);
        writer.WriteString("status", NameOf(run.Status));
        writer.WriteNumber("start_time", run.StartMs);
        writer.WriteOptional("end_time", run.EndMs);
        writer.WriteString("artifact_uri", run.ArtifactUri);
        writer.WriteString("lifecycle_stage", run.IsDeleted ? "deleted" : "active");
        writer.WriteString("run_id", run.RunId);
        writer.WriteEndObject();
    }

    /// <summary>The four fields that a metric always has.</summary>
    public static void WriteMetric(Utf8JsonWriter writer, LoggedValue metric)
    {
        writer.WriteString("key"u8, metric.Key);
        writer.WriteDouble("value"u8, metric.Value);
        writer.WriteNumber("timestamp"u8, metric.TimeMs);
        writer.WriteNumber("step"u8, metric.Step);
    }

    private static void WriteInputs(Utf8JsonWriter writer, RunData data)
    {
        writer.WriteStartObject("inputs");
        if (data.Datasets.Count > 0)
        {
            writer.WriteStartArray("dataset_inputs");
            foreach (var dataset in data.Datasets)
            {
                writer.WriteStartObject();
                writer.WritePairs("tags", dataset.Tags);
                writer.WriteStartObject("dataset");
                writer.WriteString("name", dataset.Name);
                writer.WriteString("digest", dataset.Digest);
                writer.WriteString("source_type", dataset.SourceType);
                writer.WriteString("source", dataset.Source);
                writer.WriteOptional("schema", dataset.Schema.Length > 0 ? dataset.Schema : null);
                writer.WriteOptional("profile", dataset.Profile.Length > 0 ? dataset.Profile : null);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        WriteModels(writer, "model_inputs", data, isOutput: false);
        writer.WriteEndObject();
    }

    private static void WriteOutputs(Utf8JsonWriter writer, RunData data)
    {
        writer.WriteStartObject("outputs");
        WriteModels(writer, "model_outputs", data, isOutput: true);
        writer.WriteEndObject();
    }

    private static void WriteModels(Utf8JsonWriter writer, string name, RunData data, bool isOutput)
    {
        if (!data.Models.Exists(model => model.IsOutput == isOutput))
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var model in data.Models.Where(model => model.IsOutput == isOutput))
        {
            writer.WriteStartObject();
            writer.WriteString("model_id", model.ModelId);
            if (isOutput)
            {
                writer.WriteNumber("step", model.Step);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
