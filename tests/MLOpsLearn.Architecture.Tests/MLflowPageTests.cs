using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using MLOpsLearn.Standalone;
using Xunit;

namespace MLOpsLearn.Architecture.Tests;

/// <summary>Holds docs/mlflow.md to the routes of MLflow's contract that there are, and to the native calls that it names.</summary>
public sealed partial class MLflowPageTests
{
    private const string Below = "/api/2.0/mlflow/";

    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "mlflow.md"));

    [Fact]
    public async Task Each_route_of_the_contract_stands_in_the_page_once_and_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-routes-").FullName;
        try
        {
            using var state = StateFolder.Open(folder);
            await using var app = StandaloneServer.Build(new StandaloneOptions { StateFolder = folder }, state);
            var all = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .Where(route => MLflowPath().IsMatch(route.RoutePattern.RawText!) && !route.RoutePattern.RawText!.EndsWith("{**rest}", StringComparison.Ordinal))
                .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods, (route, method) => $"{method} {Parameter().Replace(route.RoutePattern.RawText!, "{}")}")
                .ToList();
            // The paths of old clients lead to the same calls.
            Assert.DoesNotContain(all.Where(IsOld), route => !all.Contains(route.Replace("/preview/", "/", StringComparison.Ordinal)));
            all.RemoveAll(IsOld);
            // A route under both prefixes is told once, by the first.
            var routes = all.Where(route => !all.Contains(route.Replace(" /ajax-api/", " /api/", StringComparison.Ordinal)) || !route.Contains(" /ajax-api/", StringComparison.Ordinal));

            Assert.Equal(routes.Order(StringComparer.Ordinal), Rows().SelectMany(Routes).Order(StringComparer.Ordinal));
            Assert.DoesNotContain(all, route => route.Contains(" /api/", StringComparison.Ordinal) && !all.Contains(route.Replace(" /api/", " /ajax-api/", StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Each_native_call_that_the_page_names_is_one()
    {
        var calls = Contracts.Tracking.V1.Tracking.Descriptor.Methods.Concat(Contracts.Registry.V1.Registry.Descriptor.Methods).Select(method => method.Name).ToHashSet(StringComparer.Ordinal);
        var named = Rows().Where(row => row.Second.StartsWith('`')).SelectMany(row => Name().Matches(row.Second).Select(match => match.Groups[1].Value)).ToList();

        Assert.True(named.Count > 60);
        Assert.DoesNotContain(named, name => !calls.Contains(name));
    }

    private static bool IsOld(string route) => route.Contains(" /api/2.0/preview/", StringComparison.Ordinal);

    private static IEnumerable<(string First, string Second)> Rows() => Lines.Select(line => Row().Match(line)).Where(match => match.Success)
        .Select(match => (match.Groups["call"].Value, match.Groups["rest"].Value));

    private static IEnumerable<string> Routes((string First, string Second) row)
    {
        var parts = row.First.Split(' ');
        var path = parts[^1].StartsWith('/') ? parts[^1] : Below + parts[^1];
        return parts[..^1].Select(method => $"{method} {path}");
    }

    [GeneratedRegex("^\\| `(?<call>(GET|POST|PUT|PATCH|DELETE) [^`]+)` \\| (?<rest>.*) \\|$")]
    private static partial Regex Row();

    [GeneratedRegex("^/((ajax-)?api/[23]\\.0/|get-artifact|model-versions/|version)")]
    private static partial Regex MLflowPath();

    [GeneratedRegex("\\{[^}]*\\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("`([A-Z][A-Za-z]+)`")]
    private static partial Regex Name();
}
