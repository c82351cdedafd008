namespace MLOpsLearn.Inference.Runtimes;

/// <summary>A version can't be served; the message says why, for people.</summary>
/// <param name="message">Why.</param>
/// <param name="isPassing">Whether it may be otherwise in a moment: somebody who is needed does not answer.</param>
/// <param name="cause">What lies behind it.</param>
internal sealed class ModelUnusableException(string message, bool isPassing = false, Exception? cause = null) : Exception(message, cause)
{
    public bool IsPassing { get; } = isPassing;
}
