namespace MLOpsLearn.Statistics.Alerts;

/// <summary>What to do about a model after an evaluation.</summary>
public enum RetrainDecision
{
    /// <summary>Nothing.</summary>
    Keep,

    /// <summary>Fix the data first: retraining on broken data is forbidden.</summary>
    Block,

    /// <summary>A retrain is running or too young.</summary>
    Wait,

    /// <summary>Train anew.</summary>
    Retrain,

    /// <summary>Ask for labels: there are too few to know or to validate.</summary>
    RequestLabels,

    /// <summary>Inputs drift while quality holds (virtual drift): keep watching.</summary>
    Watch,
}
