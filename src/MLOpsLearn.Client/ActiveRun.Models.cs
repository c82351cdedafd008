using Grpc.Core;
using MLOpsLearn.Client.Models;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Client;

public sealed partial class ActiveRun
{
    /// <summary>Logs an ONNX model with the signature that it declares itself.</summary>
    /// <param name="file">The model.</param>
    /// <param name="path">Its folder in the run.</param>
    /// <param name="registerAs">Name of the registered model that gets it as its next version; made when there is none. Null registers nothing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The version; null when nothing is registered.</returns>
    /// <exception cref="InvalidDataException">The file is no ONNX model; nothing is logged.</exception>
    /// <exception cref="RpcException">It could not be registered: UNAVAILABLE when the server is away; the model itself is logged.</exception>
    public Task<ModelVersion?> LogOnnxModelAsync(string file, string path = "model", string? registerAs = null, CancellationToken cancellationToken = default) =>
        LogModelAsync(ModelFolder.OfOnnx(file), path, registerAs, cancellationToken);

    /// <summary>As the other, for a model in memory.</summary>
    /// <inheritdoc cref="LogOnnxModelAsync(string, string, string?, CancellationToken)"/>
    public async Task<ModelVersion?> LogOnnxModelAsync(
        ReadOnlyMemory<byte> model, string path = "model", string? registerAs = null, CancellationToken cancellationToken = default)
    {
        var folder = Directory.CreateTempSubdirectory("mlopslearn-model-");
        try
        {
            var file = Path.Combine(folder.FullName, "model.onnx");
            await File.WriteAllBytesAsync(file, model, cancellationToken);
            return await LogOnnxModelAsync(file, path, registerAs, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Logs a model of any format as a folder that MLflow's tools understand: the file, and "MLmodel", which describes it.</summary>
    /// <param name="model">The file with its signature.</param>
    /// <param name="path">Its folder in the run.</param>
    /// <param name="registerAs">Name of the registered model that gets it as its next version; made when there is none. Null registers nothing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The version; null when nothing is registered.</returns>
    /// <exception cref="RpcException">It could not be registered: UNAVAILABLE when the server is away; the model itself is logged.</exception>
    public async Task<ModelVersion?> LogModelAsync(ModelToLog model, string path = "model", string? registerAs = null, CancellationToken cancellationToken = default)
    {
        var folder = Directory.CreateTempSubdirectory("mlopslearn-model-");
        try
        {
            var description = Path.Combine(folder.FullName, ModelFolder.Description);
            await File.WriteAllTextAsync(description, ModelFolder.Describe(model, path, RunId ?? "", _time.GetUtcNow()), cancellationToken);
            await LogArtifactAsync(model.File, $"{path}/{model.FileName}", cancellationToken);
            await LogArtifactAsync(description, $"{path}/{ModelFolder.Description}", cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        if (registerAs is null)
        {
            return null;
        }

        await FlushAsync(cancellationToken);
        return RunId is { } runId && !IsWaiting
            ? await Client.RegisterVersionAsync(registerAs, runId, path, model.FileName, model.Signature, cancellationToken: cancellationToken)
            : throw new RpcException(new Status(StatusCode.Unavailable, $"The server is away: the model is kept for it, and '{registerAs}' has no new version yet."));
    }
}
