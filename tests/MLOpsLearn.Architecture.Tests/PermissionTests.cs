using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using MLOpsLearn.Contracts.Common.V1;
using MLOpsLearn.Contracts.Tracking.V1;
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

    private static bool DeclaresPermission(MethodDescriptor method) =>
        method.GetOptions()?.GetExtension(OptionsExtensions.Permission) is { } permission && Form().IsMatch(permission);

    [GeneratedRegex("^(tracking|registry|training|inference|monitoring)\\.[a-z-]+\\.(read|write|admin)$")]
    private static partial Regex Form();
}
