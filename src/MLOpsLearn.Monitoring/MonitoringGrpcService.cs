using Grpc.Core;
using MLOpsLearn.Contracts.Calls;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Alerts;
using MLOpsLearn.Monitoring.Exports;
using MLOpsLearn.Monitoring.Ingestion;
using MLOpsLearn.Monitoring.Labels;
using MLOpsLearn.Monitoring.Monitors;
using MLOpsLearn.Monitoring.References;
using MLOpsLearn.Monitoring.Subjects;
using MLOpsLearn.Monitoring.Windows;

namespace MLOpsLearn.Monitoring;

/// <summary>Hands each call to the feature that owns it.</summary>
internal sealed class MonitoringGrpcService(
    SubjectBook subjects,
    ReferenceBook references,
    PredictionIngest predictions,
    LabelIngest labels,
    WindowCatalog windows,
    MonitorBook monitors,
    AlertCatalog alerts,
    WindowExport export)
    : Contracts.Monitoring.V1.Monitoring.MonitoringBase
{
    public override Task<Subject> PutSubject(PutSubjectRequest request, ServerCallContext context) => subjects.PutAsync(request, context.CancellationToken);

    public override Task<Subject> GetSubject(GetSubjectRequest request, ServerCallContext context) => subjects.GetAsync(request.Endpoint, context.CancellationToken);

    public override Task<ListSubjectsResponse> ListSubjects(ListSubjectsRequest request, ServerCallContext context) => subjects.ListAsync(request, context.CancellationToken);

    public override async Task<Reference> PutReference(PutReferenceRequest request, ServerCallContext context) =>
        await references.PutAsync(request, await subjects.GetAsync(request.Endpoint, context.CancellationToken), context.CancellationToken);

    public override async Task<Reference> GetReference(GetReferenceRequest request, ServerCallContext context)
    {
        await subjects.FindAsync(request.Endpoint, context.CancellationToken);
        return await references.GetAsync(request.Endpoint, request.Version, context.CancellationToken);
    }

    public override Task<SubmitPredictionsResponse> SubmitPredictions(SubmitPredictionsRequest request, ServerCallContext context) =>
        predictions.SubmitAsync(request, context.CancellationToken);

    public override Task<SubmitLabelsResponse> SubmitLabels(SubmitLabelsRequest request, ServerCallContext context) => labels.SubmitAsync(request, CallRepetition.IsRepetition(context), context.CancellationToken);

    public override Task<IngestStatus> GetIngestStatus(GetIngestStatusRequest request, ServerCallContext context) =>
        subjects.GetStatusAsync(request.Endpoint, context.CancellationToken);

    public override Task<ListWindowsResponse> ListWindows(ListWindowsRequest request, ServerCallContext context) => windows.ListAsync(request, context.CancellationToken);

    public override Task<Contracts.Monitoring.V1.Monitor> PutMonitor(PutMonitorRequest request, ServerCallContext context) =>
        monitors.PutAsync(request, context.CancellationToken);

    public override Task<ListMonitorsResponse> ListMonitors(ListMonitorsRequest request, ServerCallContext context) => monitors.ListAsync(request, context.CancellationToken);

    public override async Task<DeleteMonitorResponse> DeleteMonitor(DeleteMonitorRequest request, ServerCallContext context)
    {
        await monitors.DeleteAsync(request, context.CancellationToken);
        return new DeleteMonitorResponse();
    }

    public override Task<ListAlertsResponse> ListAlerts(ListAlertsRequest request, ServerCallContext context) => alerts.ListAsync(request, context.CancellationToken);

    public override Task<Alert> GetAlert(GetAlertRequest request, ServerCallContext context) => alerts.GetAsync(request.AlertId, context.CancellationToken);

    public override Task<ExportedWindow> ExportWindow(ExportWindowRequest request, ServerCallContext context) => export.ExportAsync(request, context.CancellationToken);
}
