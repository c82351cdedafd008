var builder = DistributedApplication.CreateBuilder(args);

var messaging = builder.AddRabbitMQ("messaging").WithDataVolume();
var cache = builder.AddRedis("cache");
var postgres = builder.AddPostgres("postgres").WithDataVolume();

var tracking = builder.AddProject<Projects.MLOpsLearn_Tracking_Host>("tracking", launchProfileName: null);
var registry = builder.AddProject<Projects.MLOpsLearn_Registry_Host>("registry", launchProfileName: null);
var training = builder.AddProject<Projects.MLOpsLearn_Training_Host>("training", launchProfileName: null);
var inference = builder.AddProject<Projects.MLOpsLearn_Inference_Host>("inference", launchProfileName: null)
    .WithReplicas(Number("Parameters:replicas", 1));
var monitoring = builder.AddProject<Projects.MLOpsLearn_Monitoring_Host>("monitoring", launchProfileName: null);
var services = new[] { tracking, registry, training, inference, monitoring };

foreach (var service in services)
{
    var database = postgres.AddDatabase(service.Resource.Name + "db");
    service.WithHttpEndpoint().WithHttpEndpoint(name: "grpc", env: "GRPC_PORT").WithHttpHealthCheck("/health", endpointName: "http")
        .WithReference(database, connectionName: service.Resource.Name).WaitFor(database)
        .WithReference(messaging).WaitFor(messaging)
        .WithReference(cache).WaitFor(cache)
        .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Production");
}

// Files of the services lie side by side on this machine; published, they belong on a volume that whoever deploys mounts there.
var local = builder.Configuration["AppHost:DataFolder"] ?? builder.AppHostDirectory;
var files = builder.AddParameter(
    "files",
    builder.Configuration["Parameters:files"] ?? (builder.ExecutionContext.IsRunMode ? Path.Combine(local, "files") : "/var/lib/mlopslearn"),
    publishValueAsDefault: true);
// A bucket instead of the folder, like s3://bucket/prefix; its endpoint and keys are inherited from this environment.
_ = builder.Configuration["Artifacts:Root"] is { Length: > 0 } elsewhere ? tracking.WithEnvironment("Artifacts__Root", elsewhere)
    : tracking.WithEnvironment("Artifacts__Root", $"{files}/artifacts");
training.WithEnvironment("Training__WorkRoot", $"{files}/jobs");
inference.WithEnvironment("Inference__CacheRoot", $"{files}/models");
monitoring.WithEnvironment("Monitoring__Root", $"{files}/rows");

var gatewayPort = Number("Gateway:HttpPort", 5080);
var gateway = builder.AddProject<Projects.MLOpsLearn_Gateway_Host>("gateway", launchProfileName: null)
    .WithHttpEndpoint(port: gatewayPort).WithHttpEndpoint(port: Number("Gateway:GrpcPort", gatewayPort + 1), name: "grpc", env: "GRPC_PORT")
    .WithExternalHttpEndpoints().WithHttpHealthCheck("/health", endpointName: "http")
    .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Production");

// Everyone finds the services by plain configuration, under keys that mean the same in every release and under every host.
foreach (var service in services)
{
    gateway.WithReference(service).WaitFor(service);
    foreach (var client in services.Append(gateway))
    {
        client.WithEnvironment($"services__{service.Resource.Name}__http__0", service.GetEndpoint("http"))
            .WithEnvironment($"services__{service.Resource.Name}__grpc__0", service.GetEndpoint("grpc"));
    }
}

builder.Build().Run();

int Number(string key, int usual) => builder.Configuration[key] is not { Length: > 0 } text ? usual
    : int.TryParse(text, out var number) && number is > 0 and < 65536 ? number
    : throw new DistributedApplicationException($"{key} must be a whole number from 1 to 65535, is '{text}'.");
