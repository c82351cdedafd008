using System.Collections.Concurrent;
using System.Security.Cryptography;
using Grpc.Core;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Inference.Tests.Hosting;

/// <summary>A registry with one model, "trips", and the files of its versions.</summary>
internal sealed class FakeRegistry : Registry.RegistryBase
{
    public const string Model = "trips";
    private readonly ConcurrentDictionary<string, int> _aliases = new();
    private readonly ConcurrentDictionary<int, ModelVersion> _versions = new();

    /// <summary>Artifacts by "run/path".</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>Adds a version; <paramref name="registered"/> is what its digest is made from, when it shall differ from the file.</summary>
    public void Add(int version, byte[] file, byte[]? registered = null)
    {
        Files[$"run{version}/model/model.bin"] = file;
        _versions[version] = new ModelVersion
        {
            Model = Model,
            Version = version,
            Workspace = "default",
            RunId = $"run{version}",
            ArtifactPath = "model",
            ModelFile = "model.bin",
            ModelSha256 = Convert.ToHexStringLower(SHA256.HashData(registered ?? file)),
            ModelSizeBytes = file.Length,
        };
    }

    public void Point(int version, string alias = "champion") => _aliases[alias] = version;

    public void Forget(string alias) => _aliases.TryRemove(alias, out _);

    public override Task<ModelVersion> ResolveAlias(ResolveAliasRequest request, ServerCallContext context) =>
        request.Model == Model && _aliases.TryGetValue(request.Alias, out var version)
            ? Task.FromResult(_versions[version])
            : throw new RpcException(new Status(StatusCode.NotFound, $"There is no alias '{request.Alias}'."));

    public override Task<ModelVersion> GetModelVersion(GetModelVersionRequest request, ServerCallContext context) =>
        request.Model == Model && _versions.TryGetValue(request.Version, out var version)
            ? Task.FromResult(version)
            : throw new RpcException(new Status(StatusCode.NotFound, $"There is no version {request.Version}."));
}
