using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Data;

namespace MLOpsLearn.Training.Pipelines;

/// <summary>Stores and finds specifications.</summary>
internal sealed class PipelineCatalog(TrainingDbContext db, TimeProvider time)
{
    private const int MostYamlCharacters = 256 * 1024;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT with each fault of the YAML.</exception>
    public async Task<Pipeline> PutAsync(PutPipelineRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Name("name", request.Name).Text("yaml", request.Yaml, MostYamlCharacters).ThrowIfAny();
        var specification = PipelineReading.Parse(request.Yaml);
        new FieldChecks()
            .Require(specification.Name == request.Name, "name", request.Name, $"must equal the name in the YAML, '{specification.Name}'")
            .Name("yaml.model", specification.Model)
            .ThrowIfAny();

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var newest = await db.PipelineVersions
            .Where(pipeline => pipeline.Workspace == Workspaces.Default && pipeline.Name == request.Name && pipeline.IsNewest)
            .FirstOrDefaultAsync(cancellationToken);
        if (newest?.Yaml == request.Yaml)
        {
            return newest.ToProto();
        }

        newest?.Supersede();
        var next = new PipelineVersion
        {
            Workspace = Workspaces.Default,
            Name = request.Name,
            Version = (newest?.Version ?? 0) + 1,
            Yaml = request.Yaml,
            Model = specification.Model,
            CreateTime = time.GetUtcNow(),
            RetrainsOnAlert = specification.RetrainsOnAlert(),
        };
        db.Add(next);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return next.ToProto();
    }

    public async Task<Pipeline> GetAsync(GetPipelineRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Name("name", request.Name).Range("version", request.Version, 0, int.MaxValue).ThrowIfAny();
        return (await FindAsync(request.Name, request.Version, cancellationToken)).ToProto();
    }

    public async Task<ListPipelinesResponse> ListAsync(ListPipelinesRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var after = PageToken.DecodeText(request.PageToken) ?? "";
        var pipelines = await db.PipelineVersions.AsNoTracking()
            .Where(pipeline => pipeline.Workspace == Workspaces.Default && pipeline.IsNewest && string.Compare(pipeline.Name, after) > 0)
            .OrderBy(pipeline => pipeline.Name)
            .Take(size + 1)
            .ToListAsync(cancellationToken);
        var answer = new ListPipelinesResponse();
        answer.Pipelines.AddRange(pipelines.Take(size).Select(pipeline => pipeline.ToProto()));
        answer.NextPageToken = pipelines.Count > size ? PageToken.Encode(pipelines[size - 1].Name) : "";
        return answer;
    }

    /// <summary>A version of a pipeline, the newest for 0.</summary>
    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task<PipelineVersion> FindAsync(string name, int version, CancellationToken cancellationToken) =>
        await db.PipelineVersions.AsNoTracking().FirstOrDefaultAsync(
            pipeline => pipeline.Workspace == Workspaces.Default && pipeline.Name == name
                && (version == 0 ? pipeline.IsNewest : pipeline.Version == version),
            cancellationToken)
        ?? throw RpcErrors.NotFound("pipeline", version == 0 ? name : $"{name} version {version}");
}
