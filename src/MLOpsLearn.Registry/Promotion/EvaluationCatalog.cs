using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Promotion;

/// <summary>Finds evaluations.</summary>
internal sealed class EvaluationCatalog(RegistryDbContext context, ModelCatalog models)
{
    public async Task<Evaluation> GetAsync(string id, CancellationToken cancellationToken)
    {
        new FieldChecks().Text("evaluation_id", id, 100).ThrowIfAny();
        var evaluation = await context.Evaluations.AsNoTracking().FirstOrDefaultAsync(
            evaluation => evaluation.Workspace == Workspaces.Default && evaluation.Id == id, cancellationToken);
        return evaluation?.ToProto() ?? throw RpcErrors.NotFound("evaluation", id);
    }

    public async Task<ListEvaluationsResponse> ListAsync(ListEvaluationsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).Range("version", request.Version, 0, int.MaxValue).ThrowIfAny();
        var before = PageToken.DecodeText(request.PageToken) ?? "g";
        var size = PageToken.SizeOrDefault(request.PageSize);
        var model = await models.FindAsync(request.Model, cancellationToken);
        var evaluations = context.Evaluations.AsNoTracking()
            .Where(evaluation => evaluation.Workspace == model.Workspace && evaluation.Model == model.Name && string.Compare(evaluation.Id, before) < 0);
        var page = await (request.Version == 0 ? evaluations : evaluations.Where(evaluation => evaluation.Version == request.Version))
            .OrderByDescending(evaluation => evaluation.Id).Take(size + 1).ToListAsync(cancellationToken);
        return new ListEvaluationsResponse
        {
            Evaluations = { page.Take(size).Select(evaluation => evaluation.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Id) : "",
        };
    }
}
