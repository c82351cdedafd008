using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Messaging.Measurements;

namespace MLOpsLearn.Inference;

/// <summary>Traces and metrics of the module.</summary>
internal static class InferenceTelemetry
{
    private const string Name = "MLOpsLearn.Inference";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> PredictDuration =
        Meter.CreateHistogram("mlopslearn.inference.duration", "s", "Time from a request's columns to its predictions.", null, Buckets.Answer);

    private static readonly Histogram<int> RequestRows =
        Meter.CreateHistogram("mlopslearn.inference.request.rows", "{row}", "Rows of a request that was answered.", null, Buckets.Rows);

    private static readonly Counter<long> PredictedRows =
        Meter.CreateCounter<long>("mlopslearn.inference.rows", "{row}", "Rows that were answered.");

    private static readonly Counter<long> RefusedRequests =
        Meter.CreateCounter<long>("mlopslearn.inference.refused", "{request}", "Requests that got no prediction, by gRPC status.");

    private static readonly Counter<long> UnseenCategories =
        Meter.CreateCounter<long>("mlopslearn.inference.unseen_categories", "{value}", "Category values that the model was not trained with.");

    private static readonly Counter<long> PublishedRows =
        Meter.CreateCounter<long>("mlopslearn.inference.capture.published", "{row}", "Served rows that the bus took.");

    private static readonly Counter<long> LostRows =
        Meter.CreateCounter<long>("mlopslearn.inference.capture.lost", "{row}", "Served rows that were lost because the buffer was full or the bus did not take them before shutdown.");

    private static readonly Histogram<int> BatchRows =
        Meter.CreateHistogram("mlopslearn.inference.capture.batch.rows", "{row}", "Rows of a batch that the bus took.", null, Buckets.Rows);

    private static readonly Gauge<long> WaitingRows =
        Meter.CreateGauge<long>("mlopslearn.inference.capture.waiting", "{row}", "Served rows in the buffer before the bus.");

    private static readonly Gauge<double> WaitingAge =
        Meter.CreateGauge<double>("mlopslearn.inference.capture.age", "s", "Time that the oldest full batch waits for the bus; 0 when none waits.");

    private static readonly Counter<long> Deployments =
        Meter.CreateCounter<long>("mlopslearn.inference.deployments", "{deployment}", "Versions that came into service.");

    private static readonly Histogram<double> DeploymentDuration =
        Meter.CreateHistogram("mlopslearn.inference.deployment.duration", "s", "Time to load, check and warm a version and to swap it in.", null, Buckets.Work);

    private static readonly Gauge<int> ServedVersion =
        Meter.CreateGauge<int>("mlopslearn.inference.endpoint.version", "{version}", "The version that answers.");

    public static void Predicted(string endpoint, int rows, int unseenValues, TimeSpan elapsed)
    {
        var tag = Endpoint(endpoint);
        PredictDuration.Record(elapsed.TotalSeconds, tag);
        RequestRows.Record(rows, tag);
        PredictedRows.Add(rows, tag);
        if (unseenValues > 0)
        {
            UnseenCategories.Add(unseenValues, tag);
        }
    }

    public static void Refused(StatusCode status, int requests = 1) => RefusedRequests.Add(requests, new KeyValuePair<string, object?>("status", status.ToString()));

    public static void Published(string endpoint, int rows)
    {
        PublishedRows.Add(rows, Endpoint(endpoint));
        BatchRows.Record(rows, Endpoint(endpoint));
    }

    public static void Lost(string endpoint, int rows) => LostRows.Add(rows, Endpoint(endpoint));

    public static void Deployed(string endpoint, TimeSpan elapsed)
    {
        Deployments.Add(1, Endpoint(endpoint));
        DeploymentDuration.Record(elapsed.TotalSeconds, Endpoint(endpoint));
    }

    /// <summary>
    /// Ends the trace that led to a deployment with its first answer; the request itself keeps the trace of its caller, and the two are linked.
    /// </summary>
    /// <returns>W3C id of the span; null when nobody listens.</returns>
    public static string? FirstAnswered(EndpointSnapshot endpoint, DateTimeOffset asked)
    {
        var request = Activity.Current;
        ActivityContext.TryParse(endpoint.TraceParent, null, out var deployment);
        using var activity = Activities.StartActivity(
            "first answer", ActivityKind.Internal, deployment, links: request is null ? null : [new ActivityLink(request.Context)], startTime: asked);
        activity?.SetTag("mlopslearn.endpoint", endpoint.Name).SetTag("mlopslearn.model", endpoint.Live.Facts.Model).SetTag("mlopslearn.version", endpoint.Live.Version);
        if (deployment != default)
        {
            request?.AddLink(new ActivityLink(deployment));
        }

        return activity?.Id;
    }

    /// <summary>What an endpoint is at this moment; shows the zeros of its counters, too.</summary>
    public static void Serving(string endpoint, int version, long waitingRows)
    {
        ServedVersion.Record(version, Endpoint(endpoint));
        WaitingRows.Record(waitingRows, Endpoint(endpoint));
        LostRows.Add(0, Endpoint(endpoint));
        UnseenCategories.Add(0, Endpoint(endpoint));
    }

    public static void Waiting(TimeSpan age) => WaitingAge.Record(age.TotalSeconds);

    private static KeyValuePair<string, object?> Endpoint(string name) => new("endpoint", name);
}
