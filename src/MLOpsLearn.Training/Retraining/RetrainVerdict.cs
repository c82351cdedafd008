namespace MLOpsLearn.Training.Retraining;

/// <summary>A decision of the retrain policy.</summary>
/// <param name="Action">"retrain", "wait", "block", "watch", "request-labels", "keep" or "held-back".</param>
/// <param name="Reason">For people, with the numbers in it.</param>
/// <param name="IsOpen">Whether looking again at the same transition may give another decision.</param>
internal sealed record RetrainVerdict(string Action, string Reason, bool IsOpen = false)
{
    public const string Retrain = "retrain";
    public const string Wait = "wait";
    public const string Block = "block";
    public const string Watch = "watch";
    public const string RequestLabels = "request-labels";
    public const string Keep = "keep";
    public const string HeldBack = "held-back";
}
