var builder = DistributedApplication.CreateBuilder(args);

var messaging = builder.AddRabbitMQ("messaging").WithDataVolume();
var cache = builder.AddRedis("cache");
var postgres = builder.AddPostgres("postgres").WithDataVolume();

var tracking = builder.AddProject<Projects.MLOpsLearn_Tracking_Host>("tracking", launchProfileName: null);
var registry = builder.AddProject<Projects.MLOpsLearn_Registry_Host>("registry", launchProfileName: null);
var training = builder.AddProject<Projects.MLOpsLearn_Training_Host>("training", launchProfileName: null);
var inference = builder.AddProject<Projects.MLOpsLearn_Inference_Host>("inference", launchProfileName: null);
var monitoring = builder.AddProject<Projects.MLOpsLearn_Monitoring_Host>("monitoring", launchProfileName: null);
var services = new[] { tracking, registry, training, inference, monitoring };

// Files of the services lie side by side on this machine; on a cluster each gets a volume of its own.
var files = builder.AddParameter("files", Path.Combine(Path.GetTempPath(), "mlopslearn-files"));

foreach (var service in services)
{
    var database = postgres.AddDatabase(service.Resource.Name + "db");
    service.WithHttpEndpoint().WithHttpEndpoint(name: "grpc", env: "GRPC_PORT").WithHttpHealthCheck("/health", endpointName: "http")
        .WithReference(database, connectionName: service.Resource.Name).WaitFor(database)
        .WithReference(messaging).WaitFor(messaging)
        .WithReference(cache).WaitFor(cache)
        .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Production");
}

tracking.WithEnvironment("Artifacts__Root", files);
inference.WithEnvironment("Inference__CacheRoot", files);
monitoring.WithEnvironment("Monitoring__Root", files);

// Each service finds the others by plain configuration, the same as under any other host.
foreach (var service in services)
{
    foreach (var other in services)
    {
        service.WithEnvironment($"services__{other.Resource.Name}__http__0", other.GetEndpoint("http"))
            .WithEnvironment($"services__{other.Resource.Name}__grpc__0", other.GetEndpoint("grpc"));
    }
}

var gateway = builder.AddProject<Projects.MLOpsLearn_Gateway_Host>("gateway", launchProfileName: null)
    .WithHttpEndpoint(port: 5080).WithHttpEndpoint(port: 5081, name: "grpc", env: "GRPC_PORT").WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health", endpointName: "http")
    .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Production");
foreach (var service in services)
{
    gateway.WithReference(service).WaitFor(service)
        .WithEnvironment($"services__{service.Resource.Name}__http__0", service.GetEndpoint("http"))
        .WithEnvironment($"services__{service.Resource.Name}__grpc__0", service.GetEndpoint("grpc"));
}

builder.Build().Run();
