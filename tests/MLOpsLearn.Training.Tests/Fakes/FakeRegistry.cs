using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Training.Tests.Fakes;

/// <summary>The registry in memory: versions by request id, a gate that promotes, a freeze to switch on.</summary>
internal sealed class FakeRegistry(FakeTracking tracking) : Registry.RegistryBase
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, ModelVersion> _byRequest = new();

    public List<ModelVersion> Versions { get; } = [];

    public List<EvaluateModelVersionRequest> Evaluations { get; } = [];

    public List<PromotionPolicy> Policies { get; } = [];

    public List<AuthorizeAutomationRequest> Authorizations { get; } = [];

    public HashSet<string> Models { get; } = [];

    /// <summary>Why every automatic action is held back; null when none is.</summary>
    public string? FrozenBecause { get; set; }

    /// <summary>Calls that answer UNAVAILABLE before one succeeds.</summary>
    public int Outages { get; set; }

    public ModelVersion? Champion { get; set; }

    public override Task<ModelVersion> ResolveAlias(ResolveAliasRequest request, ServerCallContext context) =>
        Task.FromResult(Champion ?? throw RpcErrors.NotFound("alias", request.Alias));

    public override Task<Model> GetModel(GetModelRequest request, ServerCallContext context) =>
        Models.Contains(request.Name) ? Task.FromResult(new Model { Name = request.Name }) : throw RpcErrors.NotFound("model", request.Name);

    public override Task<Model> CreateModel(CreateModelRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            return Models.Add(request.Name) ? Task.FromResult(new Model { Name = request.Name }) : throw RpcErrors.AlreadyExists("model", request.Name, "");
        }
    }

    public override Task<ModelVersion> CreateModelVersion(CreateModelVersionRequest request, ServerCallContext context)
    {
        Outage();
        if (!Models.Contains(request.Model))
        {
            throw RpcErrors.NotFound("model", request.Model);
        }

        lock (_lock)
        {
            return Task.FromResult(_byRequest.GetOrAdd(request.RequestId, _ =>
            {
                var file = tracking.Artifacts[$"{request.RunId}/{request.ArtifactPath}/{request.ModelFile}"];
                var version = new ModelVersion
                {
                    Model = request.Model,
                    Version = Versions.Count + 1,
                    RunId = request.RunId,
                    ArtifactPath = request.ArtifactPath,
                    ModelFile = request.ModelFile,
                    ModelSha256 = Convert.ToHexStringLower(SHA256.HashData(file)),
                    Signature = request.Signature,
                    Origin = request.Origin,
                    CreateTime = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
                };
                Versions.Add(version);
                return version;
            }));
        }
    }

    public override Task<ListModelVersionsResponse> ListModelVersions(ListModelVersionsRequest request, ServerCallContext context)
    {
        var answer = new ListModelVersionsResponse();
        answer.Versions.AddRange(Versions.AsEnumerable().Reverse());
        return Task.FromResult(answer);
    }

    public override Task<PromotionPolicy> PutPromotionPolicy(PutPromotionPolicyRequest request, ServerCallContext context)
    {
        Policies.Add(request.Policy);
        return Task.FromResult(request.Policy);
    }

    public override Task<ListEvaluationsResponse> ListEvaluations(ListEvaluationsRequest request, ServerCallContext context) =>
        Task.FromResult(new ListEvaluationsResponse());

    public override Task<Evaluation> EvaluateModelVersion(EvaluateModelVersionRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            Evaluations.Add(request);
            Champion = Versions[request.Version - 1];
        }

        return Task.FromResult(new Evaluation { EvaluationId = $"evaluation-{request.Version}", Verdict = Verdict.Promoted, Reason = "better" });
    }

    public override Task<AuthorizeAutomationResponse> AuthorizeAutomation(AuthorizeAutomationRequest request, ServerCallContext context)
    {
        Outage();
        Authorizations.Add(request);
        return Task.FromResult(new AuthorizeAutomationResponse { Allowed = FrozenBecause is null, Reason = FrozenBecause ?? "" });
    }

    private void Outage()
    {
        lock (_lock)
        {
            if (Outages > 0)
            {
                Outages--;
                // Not UNAVAILABLE, which the client's own policy would repeat.
                throw new RpcException(new Status(StatusCode.ResourceExhausted, "The registry is away."));
            }
        }
    }
}
