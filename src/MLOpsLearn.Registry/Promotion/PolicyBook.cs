using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Promotion;

/// <summary>The promotion policy of each model, by revision.</summary>
internal sealed class PolicyBook(RegistryDbContext context, ModelCatalog models, TimeProvider time)
{
    public async Task<PromotionPolicy> PutAsync(PutPromotionPolicyRequest request, CancellationToken cancellationToken)
    {
        var policy = (request.Policy ?? throw RpcErrors.Invalid("policy", "", "must be given")).Clone();
        policy.Alias = policy.Alias.Length == 0 ? AliasBook.Champion : policy.Alias;
        policy.Metric = policy.Metric.Length == 0 ? "rmse" : policy.Metric;
        AliasBook.CheckAlias(policy.Alias)
            .Require(policy.Metric is "rmse" or "mae", "policy.metric", policy.Metric, "must be 'rmse' or 'mae'")
            .Range("policy.min_improvement", policy.MinImprovement, 0, 1)
            .Range("policy.min_rows", policy.MinRows, 0, 1_000_000_000)
            .Range("policy.max_p_value", policy.MaxPValue, 0, 1)
            .ThrowIfAny();
        var model = await models.FindAsync(request.Model, cancellationToken);
        return await context.RunOnceAsync(
            "",
            request,
            time,
            async token =>
            {
                var newest = await NewestAsync(model.Name, token);
                if (newest?.SaysTheSameAs(policy) == true)
                {
                    return newest.ToProto();
                }

                var stored = new StoredPolicy
                {
                    Workspace = model.Workspace,
                    Model = model.Name,
                    Revision = (newest?.Revision ?? 0) + 1,
                    Alias = policy.Alias,
                    Metric = policy.Metric,
                    MinImprovement = policy.MinImprovement,
                    MinRows = policy.MinRows,
                    RequireDataQuality = policy.RequireDataQuality,
                    MaxPValue = policy.MaxPValue,
                    CreatedAt = time.GetUtcNow(),
                };
                context.Policies.Add(stored);
                return stored.ToProto();
            },
            cancellationToken);
    }

    public async Task<PromotionPolicy> GetAsync(string model, CancellationToken cancellationToken)
    {
        await models.FindAsync(model, cancellationToken);
        return (await NewestAsync(model, cancellationToken))?.ToProto() ?? throw RpcErrors.NotFound("promotion policy of model", model);
    }

    public Task<StoredPolicy?> NewestAsync(string model, CancellationToken cancellationToken) => context.Policies.AsNoTracking()
        .Where(policy => policy.Workspace == Workspaces.Default && policy.Model == model)
        .OrderByDescending(policy => policy.Revision).FirstOrDefaultAsync(cancellationToken);
}
