using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Routing;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Common.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Standalone;
using Xunit;

namespace MLOpsLearn.Architecture.Tests;

/// <summary>Holds that no call exists without a declared permission.</summary>
public sealed partial class PermissionTests
{
    private static IEnumerable<MethodDescriptor> MethodsOfAllServices =>
        typeof(TrackingReflection).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal) && type.GetProperty("Descriptor") is not null)
            .Select(type => (FileDescriptor)type.GetProperty("Descriptor")!.GetValue(null)!)
            .SelectMany(file => file.Services)
            .SelectMany(service => service.Methods);

    [Fact]
    public void Every_call_declares_the_permission_it_needs()
    {
        var undeclared = MethodsOfAllServices.Where(method => !DeclaresPermission(method)).Select(method => method.FullName);

        Assert.NotEmpty(MethodsOfAllServices);
        Assert.Empty(undeclared);
    }

    [Fact]
    public async Task Every_route_that_is_no_call_declares_the_permission_it_needs()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-routes-").FullName;
        try
        {
            using var state = StateFolder.Open(folder);
            await using var app = StandaloneServer.Build(new StandaloneOptions { StateFolder = folder }, state);
            var routes = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                // Calls carry theirs in the contract, as the test above holds; the answer to a call that there is not does nothing.
                .Where(route => route.Metadata.GetMetadata<GrpcMethodMetadata>() is null
                    && route.DisplayName?.StartsWith("gRPC - Unimplemented", StringComparison.Ordinal) != true)
                .ToList();

            Assert.NotEmpty(routes);
            Assert.Empty(routes.Where(route => route.Metadata.GetMetadata<RequiredPermission>() is not { } declared
                || (declared != RequiredPermission.None && !Form().IsMatch(declared.Permission))).Select(route => route.DisplayName));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool DeclaresPermission(MethodDescriptor method) =>
        method.GetOptions()?.GetExtension(OptionsExtensions.Permission) is { } permission && Form().IsMatch(permission);

    [GeneratedRegex("^(tracking|registry|training|inference|monitoring)\\.[a-z-]+\\.(read|write|admin)$")]
    private static partial Regex Form();
}
