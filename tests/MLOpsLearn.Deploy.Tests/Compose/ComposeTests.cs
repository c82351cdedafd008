using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace MLOpsLearn.Deploy.Tests.Compose;

/// <summary>deploy/compose, by rules: there is no container engine where this is tested.</summary>
public sealed class ComposeTests
{
    private readonly Node _compose = Checkout.Yaml("deploy", "compose", "compose.yml");

    [Fact]
    public void Every_service_is_told_what_it_reads_and_nothing_else()
    {
        var faults = new List<string>();
        foreach (var service in Checkout.Services.Append("gateway"))
        {
            var environment = _compose["services"][service]["environment"].Members.ToDictionary(member => member.Key, member => member.Value.Text);
            faults.AddRange(environment.Select(variable => Settings.Fault(service, variable.Key, variable.Value)).OfType<string>().Select(fault => $"{service}: {fault}"));
            string[] needed = service == "gateway" ? [] : [$"ConnectionStrings__{service}", "ConnectionStrings__messaging", "ConnectionStrings__cache"];
            faults.AddRange(needed.Concat(Checkout.Services.SelectMany(other => new[] { $"services__{other}__http__0", $"services__{other}__grpc__0" }))
                .Where(name => !environment.ContainsKey(name)).Select(name => $"{service} lacks {name}"));
            Assert.Equal(("http://*:8080", "8081", service), (environment["ASPNETCORE_URLS"], environment["GRPC_PORT"], environment["Security__AllowedHosts__0"]));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Services_are_confined_watched_and_reached_from_this_machine_only()
    {
        foreach (var (name, service) in _compose["services"].Members)
        {
            Assert.All(service["ports"].Items, port => Assert.StartsWith("127.0.0.1:", port.Text, StringComparison.Ordinal));
            Assert.True(service["image"].Text.Contains(':', StringComparison.Ordinal) && !service["image"].Text.EndsWith(":latest", StringComparison.Ordinal), name);
            if (Checkout.Services.Contains(name) || name == "gateway")
            {
                Assert.Equal(("true", "1654:1654", "ALL"), (service["read_only"].Text, service["user"].Text, Assert.Single(service["cap_drop"].Items).Text));
                Assert.True(service["healthcheck"]["test"].Exists, name);
                Assert.Equal(name, service["build"]["target"].Text);
            }

            foreach (var (other, condition) in service["depends_on"].Members)
            {
                Assert.Equal("service_healthy", condition["condition"].Text);
                Assert.True(_compose["services"][other]["healthcheck"].Exists, $"{name} waits for the health of {other}, which nobody checks");
            }

            foreach (var source in service["volumes"].Items.Select(volume => volume.Text.Split(':')[0]))
            {
                Assert.True(
                    source.StartsWith("../", StringComparison.Ordinal) ? Path.Exists(Checkout.PathOf("deploy", "compose", source)) : _compose["volumes"].Members.Any(volume => volume.Key == source),
                    $"{name}: there is no {source}");
            }
        }
    }

    [Fact]
    public void Passwords_come_from_the_file_beside_it_and_a_missing_one_is_told()
    {
        var text = Checkout.Read("deploy", "compose", "compose.yml");
        var example = Checkout.Read("deploy", "compose", ".env.example").Split('\n').Where(line => line.Contains('=', StringComparison.Ordinal)).Select(line => line.Split('=')[0]);
        var used = System.Text.RegularExpressions.Regex.Matches(text, @"\$\{([A-Z_]+)(:\?[^}]*)?\}").ToList();

        Assert.Equal(example.Order(), used.Select(match => match.Groups[1].Value).Distinct().Order());
        Assert.All(used, match => Assert.NotEqual("", match.Groups[2].Value));
    }

    [Theory]
    [InlineData(200, 0)]
    [InlineData(503, 1)]
    public async Task The_health_check_asks_health_without_curl(int status, int code)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: the check runs in a Linux image");
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.MapGet("/health", () => Results.StatusCode(status));
        await app.StartAsync(TestContext.Current.CancellationToken);
        var test = _compose["services"]["tracking"]["healthcheck"]["test"].Items.Select(item => item.Text).ToList();

        var result = await Checkout.RunAsync(test[1], "/", test[2], test[3].Replace("$$", "$", StringComparison.Ordinal).Replace("8080", $"{new Uri(app.Urls.First()).Port}", StringComparison.Ordinal));

        Assert.Equal("CMD", test[0]);
        Assert.Equal(code, result?.Code);
    }
}
