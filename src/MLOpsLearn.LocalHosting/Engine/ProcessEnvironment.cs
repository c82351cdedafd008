using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Engine;

/// <summary>The variables that one instance of a project or program is started with, key by key as the genuine engine sets them.</summary>
internal sealed class ProcessEnvironment(AllocatedModel model, IConfiguration configuration, IHostEnvironment environment)
{
    /// <param name="resource">Project or program.</param>
    /// <param name="instanceId">Random suffix of the instance.</param>
    /// <param name="targetPort">Port of each endpoint for this instance.</param>
    public Dictionary<string, string> For(IResource resource, string instanceId, Func<EndpointAnnotation, int> targetPort)
    {
        var variables = new Dictionary<string, object>(StringComparer.Ordinal);
        if (resource is ProjectResource)
        {
            AddProjectDefaults(variables, resource.Name, instanceId);
        }

        AddListening(variables, resource, targetPort);
        foreach (var annotation in resource.Annotations)
        {
            switch (annotation)
            {
                case ReferenceAnnotation reference:
                    AddReference(variables, reference);
                    break;
                case EnvironmentAnnotation callback:
                    callback.Callback(new EnvironmentCallbackContext(variables));
                    break;
            }
        }

        return variables.ToDictionary(pair => pair.Key, pair => Resolve(pair.Value));
    }

    private static void AddListening(Dictionary<string, object> variables, IResource resource, Func<EndpointAnnotation, int> targetPort)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToList();
        foreach (var endpoint in endpoints.Where(endpoint => endpoint.TargetPortVariable is not null))
        {
            variables[endpoint.TargetPortVariable!] = targetPort(endpoint).ToString(CultureInfo.InvariantCulture);
        }

        var urls = endpoints.Where(endpoint => endpoint.TargetPortVariable is null && endpoint.UriScheme is "http" or "https")
            .Select(endpoint => $"{endpoint.UriScheme}://{endpoint.TargetHost}:{targetPort(endpoint)}").ToList();
        if (resource is ProjectResource && urls.Count > 0)
        {
            variables["ASPNETCORE_URLS"] = string.Join(';', urls);
        }
    }

    private void AddReference(Dictionary<string, object> variables, ReferenceAnnotation reference)
    {
        if (reference.Source is IResourceWithConnectionString source)
        {
            var name = reference.ConnectionName ?? source.Name;
            variables[source.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] = source;
            if (model.IsExternal(source))
            {
                return;
            }

            var prefix = name.Length == 0 ? "" : Names.Variable(name) + "_";
            foreach (var (property, value) in model.ConnectionProperties(source))
            {
                variables[prefix + property] = value;
            }

            return;
        }

        var endpoints = reference.Endpoint is { } one
            ? [one.EndpointName]
            : reference.Source.Annotations.OfType<EndpointAnnotation>().Select(endpoint => endpoint.Name);
        foreach (var endpoint in endpoints)
        {
            var url = model.Url(reference.Source, endpoint);
            variables[$"services__{reference.Source.Name}__{endpoint}__0"] = url;
            variables[$"{Names.Variable(reference.Source.Name)}_{Names.Variable(endpoint)}"] = url;
        }
    }

    private void AddProjectDefaults(Dictionary<string, object> variables, string name, string instanceId)
    {
        variables["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "true";
        variables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        variables["OTEL_SERVICE_NAME"] = name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instanceId}";
        variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_EMIT_EVENT_LOG_ATTRIBUTES"] = "true";
        variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_EMIT_EXCEPTION_LOG_ATTRIBUTES"] = "true";
        variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        if (environment.IsDevelopment())
        {
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
            variables["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "true";
            variables["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true";
            variables["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "true";
        }

        AddExporter(variables);
    }

    /// <summary>There is no dashboard of our own: telemetry goes where the user said, and nowhere otherwise.</summary>
    private void AddExporter(Dictionary<string, object> variables)
    {
        var grpc = configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"];
        var http = configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"];
        var endpoint = grpc ?? http ?? configuration["OTEL_EXPORTER_OTLP_ENDPOINT"];
        if (string.IsNullOrWhiteSpace(endpoint))
        {
            return;
        }

        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = grpc is null && http is not null
            ? "http/protobuf"
            : configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] ?? "grpc";
        if (configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key)
        {
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
        }
        else if (configuration["OTEL_EXPORTER_OTLP_HEADERS"] is { Length: > 0 } headers)
        {
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = headers;
        }
    }

    private string Resolve(object value) => value switch
    {
        EndpointReference endpoint => model.Url(endpoint),
        ParameterResource parameter => parameter.Value,
        ReferenceExpression expression => expression.Resolve(Resolve),
        IResourceWithConnectionString source => model.ConnectionString(source),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
