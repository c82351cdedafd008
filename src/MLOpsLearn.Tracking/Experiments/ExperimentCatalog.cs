using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Experiments;

/// <summary>Makes and finds experiments.</summary>
internal sealed class ExperimentCatalog(TrackingDbContext context, TimeProvider time)
{
    public async Task<Contracts.Tracking.V1.Experiment> CreateAsync(CreateExperimentRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().RequestId(request.RequestId).Text("name", request.Name, 500).Tags("tags", request.Tags).ThrowIfAny();
        return await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                if (await context.Experiments.AnyAsync(other => other.Workspace == Workspaces.Default && other.Name == request.Name, token))
                {
                    throw NameTaken(request.Name);
                }

                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                var experiment = new Experiment { Workspace = Workspaces.Default, Name = request.Name, CreatedMs = now, UpdatedMs = now };
                experiment.Tags.AddRange(request.Tags.Select(tag => new ExperimentTag { Name = tag.Key, Value = tag.Value }));
                context.Experiments.Add(experiment);
                try
                {
                    await context.SaveChangesAsync(token);
                }
                catch (DbUpdateException exception) when (UniqueKeys.IsTaken(exception))
                {
                    // Somebody else was between the question and the answer.
                    throw NameTaken(request.Name);
                }

                return experiment.ToProto();
            },
            cancellationToken);
    }

    public async Task<Contracts.Tracking.V1.Experiment> GetAsync(GetExperimentRequest request, CancellationToken cancellationToken)
    {
        var experiment = await context.Experiments.AsNoTracking().Include(experiment => experiment.Tags)
            .FirstOrDefaultAsync(experiment => experiment.Id == request.ExperimentId, cancellationToken);
        return experiment?.ToProto() ?? throw RpcErrors.NotFound("experiment", request.ExperimentId);
    }

    public async Task<ListExperimentsResponse> ListAsync(ListExperimentsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).Text("name", request.Name, 500, required: false).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var after = PageToken.DecodeNumber(request.PageToken) ?? -1;
        var page = await context.Experiments.AsNoTracking().Include(experiment => experiment.Tags)
            .Where(experiment => experiment.Id > after && !experiment.IsDeleted && (request.Name == "" || experiment.Name == request.Name))
            .OrderBy(experiment => experiment.Id).Take(size + 1).ToListAsync(cancellationToken);
        return new ListExperimentsResponse
        {
            Experiments = { page.Take(size).Select(experiment => experiment.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Id) : "",
        };
    }

    private static RpcException NameTaken(string name) =>
        RpcErrors.AlreadyExists("experiment", name, "Find it with ListExperiments and its name.");
}
