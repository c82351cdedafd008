using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Freezes;

/// <summary>Freezes in force, and what they held back.</summary>
internal sealed class FreezeBook(RegistryDbContext context, ModelCatalog models, TimeProvider time)
{
    private const int ShownActions = 100;

    public async Task<FreezeState> FreezeAsync(FreezeRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().RequestId(request.RequestId).Text("why", request.Why, 2000).ThrowIfAny();
        await CheckModelAsync(request.Model, cancellationToken);
        return await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                var freeze = await ExactAsync(request.Model, token);
                if (freeze is null)
                {
                    freeze = new ModelFreeze
                    {
                        Id = Guid.CreateVersion7().ToString(),
                        Workspace = Workspaces.Default,
                        Model = request.Model,
                        Why = request.Why,
                        Since = time.GetUtcNow(),
                    };
                    context.Freezes.Add(freeze);
                }

                return await ViewAsync(freeze, token);
            },
            cancellationToken);
    }

    public async Task<FreezeState> LiftAsync(UnfreezeRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().RequestId(request.RequestId).Text("why", request.Why, 2000, required: false).ThrowIfAny();
        await CheckModelAsync(request.Model, cancellationToken);
        return await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                var freeze = await ExactAsync(request.Model, token)
                    ?? throw RpcErrors.NotFound("freeze of", request.Model.Length == 0 ? "all models" : request.Model);
                (freeze.LiftedAt, freeze.WhyLifted) = (time.GetUtcNow(), request.Why);
                return await ViewAsync(freeze, token);
            },
            cancellationToken);
    }

    public async Task<ListFreezesResponse> ListAsync(ListFreezesRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var before = PageToken.DecodeText(request.PageToken) ?? "g";
        var page = await context.Freezes.AsNoTracking()
            .Where(freeze => freeze.Workspace == Workspaces.Default && freeze.LiftedAt == null && string.Compare(freeze.Id, before) < 0)
            .OrderByDescending(freeze => freeze.Id).Take(size + 1)
            .Select(freeze => new
            {
                Freeze = freeze,
                Actions = context.HeldBack.Where(action => action.FreezeId == freeze.Id).OrderByDescending(action => action.Sequence).Take(ShownActions).ToList(),
            })
            .ToListAsync(cancellationToken);
        return new ListFreezesResponse
        {
            Freezes = { page.Take(size).Select(entry => View(entry.Freeze, entry.Actions)) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Freeze.Id) : "",
        };
    }

    public async Task<AuthorizeAutomationResponse> AuthorizeAsync(AuthorizeAutomationRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().RequestId(request.RequestId).ModelName("model", request.Model).Text("action", request.Action, 50)
            .Text("description", request.Description, 4000, required: false).ThrowIfAny();
        return await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                if (await InForceAsync(request.Model, token) is not { } freeze)
                {
                    return new AuthorizeAutomationResponse { Allowed = true };
                }

                Record(freeze, request.Action, request.Model, request.Description);
                return new AuthorizeAutomationResponse { Reason = $"frozen since {freeze.Since:u}: {freeze.Why}" };
            },
            cancellationToken);
    }

    /// <summary>The freeze that holds a model back: its own, or that of all models.</summary>
    public Task<ModelFreeze?> InForceAsync(string model, CancellationToken cancellationToken) => context.Freezes.AsNoTracking()
        .Where(freeze => freeze.Workspace == Workspaces.Default && freeze.LiftedAt == null && (freeze.Model == model || freeze.Model == ""))
        .OrderByDescending(freeze => freeze.Model).FirstOrDefaultAsync(cancellationToken);

    /// <summary>Adds to the record what would have happened; saved with the caller's changes.</summary>
    public void Record(ModelFreeze freeze, string action, string model, string description) => context.HeldBack.Add(new HeldBack
    {
        FreezeId = freeze.Id,
        Workspace = freeze.Workspace,
        Action = action,
        Model = model,
        Description = description,
        Time = time.GetUtcNow(),
    });

    private Task<ModelFreeze?> ExactAsync(string model, CancellationToken cancellationToken) => context.Freezes
        .FirstOrDefaultAsync(freeze => freeze.Workspace == Workspaces.Default && freeze.LiftedAt == null && freeze.Model == model, cancellationToken);

    private async Task CheckModelAsync(string model, CancellationToken cancellationToken)
    {
        if (model.Length > 0)
        {
            await models.FindAsync(model, cancellationToken);
        }
    }

    private async Task<FreezeState> ViewAsync(ModelFreeze freeze, CancellationToken cancellationToken) => View(
        freeze,
        await context.HeldBack.AsNoTracking().Where(action => action.FreezeId == freeze.Id)
            .OrderByDescending(action => action.Sequence).Take(ShownActions).ToListAsync(cancellationToken));

    private static FreezeState View(ModelFreeze freeze, List<HeldBack> newestActions) => new()
    {
        Model = freeze.Model,
        Frozen = freeze.LiftedAt is null,
        Why = freeze.Why,
        Since = freeze.Since.ToTimestamp(),
        HeldBack =
        {
            newestActions.AsEnumerable().Reverse().Select(action => new HeldBackAction
            {
                Action = action.Action,
                Model = action.Model,
                Description = action.Description,
                Time = action.Time.ToTimestamp(),
            }),
        },
    };
}
