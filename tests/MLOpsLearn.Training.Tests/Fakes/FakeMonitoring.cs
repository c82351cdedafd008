using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Training.Tests.Fakes;

/// <summary>Monitoring in memory: alerts that fire, and one window to export.</summary>
internal sealed class FakeMonitoring : Monitoring.MonitoringBase
{
    public List<Alert> Alerts { get; } = [];

    /// <summary>Rows with labels in the one closed window of the endpoint "trips", which serves the model of the tests.</summary>
    public long LabelledRows { get; set; }

    public DateTimeOffset WindowEnd { get; set; } = new(2024, 2, 1, 0, 0, 0, TimeSpan.Zero);

    public byte[] Window { get; set; } = [];

    public long WindowRows { get; set; }

    public List<ExportWindowRequest> Exports { get; } = [];

    /// <summary>While set, an export waits for it: a worker that asks stands still.</summary>
    public TaskCompletionSource? Pause { get; set; }

    public override Task<ListAlertsResponse> ListAlerts(ListAlertsRequest request, ServerCallContext context)
    {
        var answer = new ListAlertsResponse();
        answer.Alerts.AddRange(Alerts.Where(alert =>
            (request.Endpoint.Length == 0 || alert.Endpoint == request.Endpoint) && (request.State == AlertState.Unspecified || alert.State == request.State)));
        return Task.FromResult(answer);
    }

    public override Task<ListSubjectsResponse> ListSubjects(ListSubjectsRequest request, ServerCallContext context) =>
        Task.FromResult(new ListSubjectsResponse { Subjects = { Trips } });

    public override Task<Subject> GetSubject(GetSubjectRequest request, ServerCallContext context) =>
        request.Endpoint == Trips.Endpoint ? Task.FromResult(Trips) : throw RpcErrors.NotFound("watched endpoint", request.Endpoint);

    public override Task<ListWindowsResponse> ListWindows(ListWindowsRequest request, ServerCallContext context) => Task.FromResult(new ListWindowsResponse
    {
        Windows =
        {
            new WindowResult
            {
                Endpoint = Trips.Endpoint, Start = WindowEnd.AddDays(-31).ToTimestamp(), End = WindowEnd.ToTimestamp(), Rows = 6000, LabelledRows = LabelledRows,
            },
        },
    });

    private static Subject Trips { get; } = new() { Endpoint = "trips", Model = "trip-duration" };

    public override async Task<ExportedWindow> ExportWindow(ExportWindowRequest request, ServerCallContext context)
    {
        Exports.Add(request);
        if (Pause is { } pause)
        {
            await pause.Task.WaitAsync(context.CancellationToken);
        }

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(Window));
        return new ExportedWindow { Sha256 = sha256, SizeBytes = Window.Length, Rows = WindowRows, Path = $"/api/monitoring/v1/exports/{sha256}.parquet" };
    }
}
