using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Subjects;

namespace MLOpsLearn.Monitoring.Windows;

/// <summary>Finds results of windows.</summary>
internal sealed class WindowCatalog(MonitoringDbContext context, SubjectBook subjects)
{
    public async Task<ListWindowsResponse> ListAsync(ListWindowsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var before = PageToken.DecodeNumber(request.PageToken) ?? long.MaxValue;
        var subject = await subjects.FindAsync(request.Endpoint, cancellationToken);
        var page = await context.Windows.AsNoTracking()
            .Where(window => window.Endpoint == subject.Endpoint && window.Result != null && window.Key < before)
            .OrderByDescending(window => window.Key).Take(size + 1).ToListAsync(cancellationToken);
        return new ListWindowsResponse
        {
            Windows = { page.Take(size).Select(window => window.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Key) : "",
        };
    }
}
