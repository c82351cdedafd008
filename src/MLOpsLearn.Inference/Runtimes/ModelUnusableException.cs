namespace MLOpsLearn.Inference.Runtimes;

/// <summary>A version can't be served; the message says why, for people.</summary>
internal sealed class ModelUnusableException(string message, Exception? cause = null) : Exception(message, cause);
