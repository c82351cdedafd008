using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Data;

namespace MLOpsLearn.Training.Retraining;

/// <summary>Shows decisions, newest first.</summary>
internal sealed class DecisionDesk(TrainingDbContext db)
{
    public async Task<ListDecisionsResponse> ListAsync(ListDecisionsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks()
            .PageSize(request.PageSize)
            .Text("pipeline", request.Pipeline, 200, required: false)
            .Text("trigger_id", request.TriggerId, 200, required: false)
            .ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var decisions = db.Decisions.AsNoTracking().Where(decision => decision.Workspace == Workspaces.Default);
        if (PageToken.DecodeText(request.PageToken) is { } before)
        {
            decisions = decisions.Where(decision => string.Compare(decision.Id, before) < 0);
        }

        if (request.Pipeline.Length > 0)
        {
            decisions = decisions.Where(decision => decision.Pipeline == request.Pipeline);
        }

        if (request.TriggerId.Length > 0)
        {
            decisions = decisions.Where(decision => decision.Trigger.Id == request.TriggerId);
        }

        var page = await decisions.OrderByDescending(decision => decision.Id).Take(size + 1).ToListAsync(cancellationToken);
        var answer = new ListDecisionsResponse();
        answer.Decisions.AddRange(page.Take(size).Select(decision => decision.ToProto()));
        answer.NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Id) : "";
        return answer;
    }
}
