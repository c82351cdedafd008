using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Subjects;
using Monitor = MLOpsLearn.Contracts.Monitoring.V1.Monitor;

namespace MLOpsLearn.Monitoring.Monitors;

/// <summary>Declares and finds monitors.</summary>
internal sealed class MonitorBook(MonitoringDbContext context, SubjectBook subjects, TimeProvider time)
{
    private const int DefaultPatience = 2;

    public async Task<Monitor> PutAsync(PutMonitorRequest request, CancellationToken cancellationToken)
    {
        var monitor = request.Monitor ?? throw RpcErrors.Invalid("monitor", "", "must be given");
        SubjectBook.CheckEndpoint(request.Endpoint)
            .Require(request.Name.Length is > 0 and <= 63 && request.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && request.Name[0] != '-', "name", request.Name, "must be lower-case letters, digits or '-', at most 63")
            .Require(monitor.Kind is >= MonitorKind.Drift and <= MonitorKind.MissingShare, "monitor.kind", monitor.Kind, "must be DRIFT, SKILL_DROP, RMSE, MAE or MISSING_SHARE")
            .Require(double.IsFinite(monitor.Raise), "monitor.raise", monitor.Raise, "must be a finite number")
            .Require(!monitor.HasClear || (double.IsFinite(monitor.Clear) && monitor.Clear <= monitor.Raise), "monitor.clear", monitor.Clear, "must be a finite number, not above raise")
            .Range("monitor.for_windows", monitor.ForWindows, 0, 1000)
            .Range("monitor.clear_windows", monitor.ClearWindows, 0, 1000)
            .Range("monitor.renotify_windows", monitor.RenotifyWindows, 0, 1000)
            .ThrowIfAny();
        var subject = await subjects.FindAsync(request.Endpoint, cancellationToken);
        return await context.RunOnceAsync(
            "",
            request,
            time,
            async token =>
            {
                var stored = await context.Monitors.FirstOrDefaultAsync(known => known.Endpoint == subject.Endpoint && known.Name == request.Name, token);
                if (stored is null)
                {
                    stored = new StoredMonitor { Endpoint = subject.Endpoint, Name = request.Name, Kind = monitor.Kind, Raise = 0, ForWindows = 1, ClearWindows = 1, RenotifyWindows = 0 };
                    context.Monitors.Add(stored);
                }

                stored.Kind = monitor.Kind;
                stored.Raise = monitor.Raise;
                stored.Clear = monitor.HasClear ? monitor.Clear : null;
                stored.ForWindows = monitor.ForWindows == 0 ? DefaultPatience : monitor.ForWindows;
                stored.ClearWindows = monitor.ClearWindows == 0 ? DefaultPatience : monitor.ClearWindows;
                stored.RenotifyWindows = monitor.RenotifyWindows;
                return stored.ToProto();
            },
            cancellationToken);
    }

    public async Task<ListMonitorsResponse> ListAsync(ListMonitorsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var after = PageToken.DecodeText(request.PageToken) ?? "";
        var subject = await subjects.FindAsync(request.Endpoint, cancellationToken);
        var page = await context.Monitors.AsNoTracking().Where(monitor => monitor.Endpoint == subject.Endpoint && string.Compare(monitor.Name, after) > 0)
            .OrderBy(monitor => monitor.Name).Take(size + 1).ToListAsync(cancellationToken);
        return new ListMonitorsResponse
        {
            Monitors = { page.Take(size).Select(monitor => monitor.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Name) : "",
        };
    }

    public async Task DeleteAsync(DeleteMonitorRequest request, CancellationToken cancellationToken)
    {
        var subject = await subjects.FindAsync(request.Endpoint, cancellationToken);
        if (await context.Monitors.Where(monitor => monitor.Endpoint == subject.Endpoint && monitor.Name == request.Name).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            throw RpcErrors.NotFound("monitor", $"{request.Endpoint}/{request.Name}");
        }
    }
}
