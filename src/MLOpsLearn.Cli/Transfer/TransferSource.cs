using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.Transfer;

/// <summary>A file of a run.</summary>
internal readonly record struct SourceFile(string Path, long Size);

/// <summary>Where experiments, runs and models come from. Everything is in the form of MLflow's REST API and read piece by piece.</summary>
internal interface ITransferSource : IDisposable
{
    /// <summary>Active experiments.</summary>
    IAsyncEnumerable<JsonObject> ExperimentsAsync(CancellationToken cancellationToken);

    /// <summary>Active runs of an experiment with their params, tags, latest metrics and datasets.</summary>
    IAsyncEnumerable<JsonObject> RunsAsync(string experimentId, CancellationToken cancellationToken);

    /// <summary>Every point of every metric of a run, with its key.</summary>
    IAsyncEnumerable<JsonObject> PointsAsync(JsonObject run, CancellationToken cancellationToken);

    /// <summary>Files of a run.</summary>
    IAsyncEnumerable<SourceFile> FilesAsync(JsonObject run, CancellationToken cancellationToken);

    Task<Stream> OpenAsync(JsonObject run, string path, CancellationToken cancellationToken);

    /// <summary>Registered models.</summary>
    IAsyncEnumerable<JsonObject> ModelsAsync(CancellationToken cancellationToken);

    /// <summary>Versions of a model by number, each with "path_in_run" when its files are a run's.</summary>
    Task<IReadOnlyList<JsonObject>> VersionsAsync(string model, CancellationToken cancellationToken);

    /// <summary>Files of a version that are no run's, as MLflow 3 keeps its logged models; none when they lie where the server itself doesn't reach.</summary>
    IAsyncEnumerable<SourceFile> VersionFilesAsync(JsonObject version, CancellationToken cancellationToken);

    Task<Stream> OpenVersionFileAsync(JsonObject version, string path, CancellationToken cancellationToken);
}
