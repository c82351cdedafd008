using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Monitoring.Data;

namespace MLOpsLearn.Monitoring.Alerts;

/// <summary>Finds alerts.</summary>
internal sealed class AlertCatalog(MonitoringDbContext context)
{
    public async Task<Alert> GetAsync(string id, CancellationToken cancellationToken)
    {
        new FieldChecks().Text("alert_id", id, 100).ThrowIfAny();
        var incident = await context.Incidents.AsNoTracking().FirstOrDefaultAsync(known => known.Id == id, cancellationToken);
        return incident?.ToProto() ?? throw RpcErrors.NotFound("alert", id);
    }

    public async Task<ListAlertsResponse> ListAsync(ListAlertsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).Text("endpoint", request.Endpoint, 63, required: false)
            .Require(System.Enum.IsDefined(request.State), "state", request.State, "must be a known state").ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var before = PageToken.DecodeText(request.PageToken) ?? "g";
        var page = await context.Incidents.AsNoTracking()
            .Where(incident => (request.Endpoint == "" || incident.Endpoint == request.Endpoint) && (request.State == AlertState.Unspecified || incident.State == request.State))
            .Where(incident => string.Compare(incident.Id, before) < 0)
            .OrderByDescending(incident => incident.Id).Take(size + 1).ToListAsync(cancellationToken);
        return new ListAlertsResponse
        {
            Alerts = { page.Take(size).Select(incident => incident.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Id) : "",
        };
    }
}
