using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace MLOpsLearn.Training.KubernetesJobs;

/// <summary>What an exception of the Kubernetes client means.</summary>
internal static class ApiFaults
{
    /// <summary>Faults of the way to the API or of the API itself, as against our own.</summary>
    public static bool IsOfTheApi(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpOperationException or HttpRequestException or IOException or KubernetesException or JsonException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    public static string Explain(Exception exception) => exception switch
    {
        HttpOperationException refused => $"HTTP {(int)refused.Response.StatusCode}: {MessageOf(refused.Response.Content)}",
        KubernetesException { Status: { } status } => $"HTTP {status.Code}: {status.Message}",
        _ => exception.Message,
    };

    /// <summary>An answer that stays the same however often one asks: no right, no such namespace, a manifest that admission rules forbid.</summary>
    public static bool IsRefusal(Exception exception) => exception is HttpOperationException refused
        && refused.Response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            or HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity;

    private static string MessageOf(string? content)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(content ?? "")?.Message ?? "no reason is given";
        }
        catch (JsonException)
        {
            return "the answer is not one of Kubernetes";
        }
    }
}
