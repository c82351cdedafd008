using System.Diagnostics;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Http;

namespace MLOpsLearn.Training.Tests.Fakes;

/// <summary>Requests and answers in the form of the Kubernetes API.</summary>
internal static class KubernetesAnswers
{
    public static IResult Ok(object value) => Results.Text(KubernetesJson.Serialize(value), "application/json");

    public static IResult Missing(string name) => Refusal(404, $"\"{name}\" not found");

    public static IResult Refusal(int code, string message) =>
        Results.Text(Status("Failure", code, message).ToJsonString(), "application/json", statusCode: code);

    // The client's own model of it can be read, not written.
    public static JsonObject Status(string status, int code, string message) =>
        new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = status, ["code"] = code, ["message"] = message };

    public static async Task<T> ReadAsync<T>(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        return KubernetesJson.Deserialize<T>(await reader.ReadToEndAsync(request.HttpContext.RequestAborted));
    }

    /// <summary>An event of a watch.</summary>
    public static string Line(string type, V1Job job) =>
        new JsonObject { ["type"] = type, ["object"] = JsonNode.Parse(KubernetesJson.Serialize(job)) }.ToJsonString();

    /// <summary>Starts the worker's program as its container would: with its environment, in its folder.</summary>
    public static ProcessStartInfo Container(V1Container container, string folder, Func<V1SecretKeySelector, string> secret)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "MLOpsLearn.Training.Worker.dll")])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in container.Env)
        {
            start.Environment[variable.Name] = variable.Value == "/work" ? folder
                : variable.Value ?? secret(variable.ValueFrom.SecretKeyRef);
        }

        return start;
    }
}
