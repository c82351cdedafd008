using Microsoft.AspNetCore.Routing;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>The life of a run: the calls "runs/create", "get", "update", "delete", "restore".</summary>
internal sealed class RunCalls(RunReader reader, RunLife life)
{
    private const string Read = "tracking.runs.read";
    private const string Write = "tracking.runs.write";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapCall("POST", "runs/create", Write, CreateAsync);
        routes.MapCall("GET", "runs/get", Read, GetAsync);
        routes.MapCall("POST", "runs/update", Write, UpdateAsync);
        routes.MapCall("POST", "runs/delete", Write, call => life.SetDeletedAsync(call.Fields.RequiredString("run_id"), isDeleted: true, call.Cancelled));
        routes.MapCall("POST", "runs/restore", Write, call => life.SetDeletedAsync(call.Fields.RequiredString("run_id"), isDeleted: false, call.Cancelled));
    }

    private async Task CreateAsync(MLflowCall call)
    {
        var experimentId = call.Fields.String("experiment_id") is { Length: > 0 } id ? Checks.ExperimentId(id) : 0;
        var userId = call.Fields.String("user_id") ?? "";
        var startMs = call.Fields.Long("start_time") ?? 0;
        var name = call.Fields.String("run_name") ?? "";
        var tags = ExperimentCalls.Pairs(call.Fields, "tags");
        for (var i = 0; i < tags.Count; i++)
        {
            Checks.NewTagKey(tags[i].Key);
            tags[i] = new(tags[i].Key, Checks.Tag(tags[i].Value));
        }

        var tagged = tags.FirstOrDefault(tag => tag.Key == RunLog.NameTag).Value;
        if (name.Length > 0 && tagged is { Length: > 0 } && tagged != name)
        {
            throw MLflowException.Invalid(
                $"Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='{name}', mlflow.runName='{tagged}').");
        }

        name = Checks.Tag(name.Length > 0 ? name : tagged is { Length: > 0 } ? tagged : RunNames.Make());
        var (run, data) = await life.CreateAsync(new NewRun(experimentId, name, userId, startMs, tags), call.Cancelled);
        WriteRun(call, run, data, isNew: true);
    }

    private async Task GetAsync(MLflowCall call)
    {
        var (run, data) = await reader.GetAsync(Checks.RunIdOf(call.Fields), call.Cancelled);
        WriteRun(call, run, data);
    }

    private async Task UpdateAsync(MLflowCall call)
    {
        var runId = Checks.RunIdOf(call.Fields);
        var status = call.Fields.Enum("status", RunJson.StatusNames, unknownIsAbsent: true);
        var change = new RunChange(status is null ? null : RunJson.StatusOf(status), call.Fields.Long("end_time"), call.Fields.String("run_name"));
        var run = await life.UpdateAsync(runId, change, call.Cancelled);
        RunJson.WriteInfo(call.Answer, "run_info", run);
    }

    private static void WriteRun(MLflowCall call, RunRecord run, RunData data, bool isNew = false)
    {
        call.Answer.WriteStartObject("run");
        RunJson.Write(call.Answer, run, data, isNew);
        call.Answer.WriteEndObject();
    }
}
