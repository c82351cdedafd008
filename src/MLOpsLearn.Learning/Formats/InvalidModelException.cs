namespace MLOpsLearn.Learning.Formats;

/// <summary>A model file that can't be used; the message says what is wrong with it.</summary>
public sealed class InvalidModelException(string message) : Exception(message);
