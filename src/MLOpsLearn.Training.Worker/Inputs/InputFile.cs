namespace MLOpsLearn.Training.Worker.Inputs;

/// <summary>One file of a job's input, here and now.</summary>
/// <param name="Uri">Its name for people.</param>
/// <param name="Path">Where its bytes lie on this machine.</param>
/// <param name="Sha256">SHA-256, 64 hexadecimal digits.</param>
internal sealed record InputFile(string Uri, string Path, string Sha256);
