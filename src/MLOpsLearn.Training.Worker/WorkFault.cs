namespace MLOpsLearn.Training.Worker;

/// <summary>The job can't be done; the message is for people and names the field or file at fault.</summary>
/// <param name="message">One line.</param>
/// <param name="isRetryable">False for a fault of specification or data: the same input would fail again.</param>
/// <param name="cause">What was met.</param>
internal sealed class WorkFault(string message, bool isRetryable = false, Exception? cause = null) : Exception(message, cause)
{
    public bool IsRetryable => isRetryable;
}
