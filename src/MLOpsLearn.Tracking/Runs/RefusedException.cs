namespace MLOpsLearn.Tracking.Runs;

/// <summary>Why something can't be done.</summary>
internal enum Refusal
{
    NotFound,
    NotActive,
    NameTaken,
    ParamTaken,
    InUse,
    Invalid,
}

/// <summary>A refusal of the handlers that all protocols share; each protocol says it in its own form.</summary>
/// <param name="reason">Of what kind.</param>
/// <param name="kind">Of what: "run", "experiment", "param" …</param>
/// <param name="subject">Which one.</param>
/// <param name="message">For people, in MLflow's words where it has some.</param>
internal sealed class RefusedException(Refusal reason, string kind, string subject, string message) : Exception(message)
{
    public Refusal Reason => reason;

    public string Kind => kind;

    public string Subject => subject;

    public static RefusedException RunNotFound(string runId) => new(Refusal.NotFound, "run", runId, $"Run with id={Shorten(runId)} not found");

    public static RefusedException RunNotActive(string runId) =>
        new(Refusal.NotActive, "run", runId, $"The run {runId} must be in the 'active' state. Current state is deleted.");

    public static RefusedException ExperimentNotFound(long id, string kind = "experiment") =>
        new(Refusal.NotFound, kind, $"{id}", $"No Experiment with id={id} exists");

    public static RefusedException ExperimentNotActive(long id) =>
        new(Refusal.NotActive, "experiment", $"{id}", $"The experiment {id} must be in the 'active' state. Current state is deleted.");

    public static string Shorten(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
