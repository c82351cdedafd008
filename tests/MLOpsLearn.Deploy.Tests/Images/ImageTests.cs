using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace MLOpsLearn.Deploy.Tests.Images;

/// <summary>deploy/images, by rules, and by running what its commands publish: there is no container engine where this is tested.</summary>
public sealed partial class ImageTests
{
    private readonly string _file = Checkout.Read("deploy", "images", "Dockerfile");

    [Fact]
    public void Every_host_and_the_worker_have_an_image_that_runs_its_own_program()
    {
        var images = Image().Matches(_file).Select(match => (Target: match.Groups[2].Value, Project: match.Groups[1].Value, From: match.Groups[3].Value, Program: match.Groups[4].Value)).ToList();
        var projects = Directory.EnumerateDirectories(Checkout.PathOf("src"), "*.Host").Select(Path.GetFileName).OfType<string>().Append("MLOpsLearn.Training.Worker");

        Assert.Equal(projects.Order(), images.Select(image => image.Project).Order());
        Assert.All(images, image =>
        {
            Assert.Equal((image.Target, $"/app/{image.Project}.dll"), (image.From, image.Program));
            Assert.True(File.Exists(Checkout.PathOf("src", image.Project, image.Project + ".csproj")), image.Project);
        });
        Assert.Equal(images.Select(image => image.Target).Where(target => target != "training-worker").Order(), Checkout.Services.Append("gateway").Order());
    }

    [Fact]
    public void Images_run_as_nobody_and_take_nothing_along_that_is_not_built()
    {
        var runtime = _file[_file.IndexOf("AS runtime", StringComparison.Ordinal)..];
        var ignore = Checkout.Read("deploy", "images", "Dockerfile.dockerignore").Split('\n');

        Assert.Matches(new Regex(@"^USER 1654$", RegexOptions.Multiline), runtime);
        Assert.DoesNotContain("USER root", _file, StringComparison.Ordinal);
        Assert.Contains("*", ignore);
        Assert.Contains("**/*.env", ignore);
        Assert.All(ignore.Where(line => line.StartsWith('!')), line => Assert.True(Path.Exists(Checkout.PathOf(line[1..])), line));
    }

    [Fact]
    public async Task What_is_published_for_the_gateway_starts_with_the_environment_of_its_image_and_is_alive()
    {
        var folder = await PublishAsync("MLOpsLearn.Gateway.Host");
        try
        {
            var port = FreePort();
            var start = Start(folder, "MLOpsLearn.Gateway.Host.dll");
            start.Environment["ASPNETCORE_URLS"] = $"http://*:{port}";
            start.Environment["GRPC_PORT"] = $"{FreePort()}";
            foreach (var service in Checkout.Services)
            {
                start.Environment[$"services__{service}__http__0"] = start.Environment[$"services__{service}__grpc__0"] = $"http://{service}.invalid:8080";
            }

            using var process = Process.Start(start)!;
            try
            {
                using var http = new HttpClient();
                HttpStatusCode? alive = null;
                using var limit = new CancellationTokenSource(Patience.Wait);
                while (alive is null && !process.HasExited)
                {
                    try
                    {
                        alive = (await http.GetAsync(new Uri($"http://127.0.0.1:{port}/alive"), limit.Token)).StatusCode;
                    }
                    catch (HttpRequestException)
                    {
                        await Task.Delay(100, limit.Token);
                    }
                }

                Assert.Equal(HttpStatusCode.OK, alive);
            }
            finally
            {
                process.Kill(entireProcessTree: true);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_is_published_for_the_worker_runs_and_says_what_it_lacks()
    {
        var folder = await PublishAsync("MLOpsLearn.Training.Worker");
        try
        {
            using var process = Process.Start(Start(folder, "MLOpsLearn.Training.Worker.dll"))!;
            var (code, _, said) = await process.EndAsync();

            Assert.Equal(2, code);
            Assert.Contains("MLOPS_JOB_ID is not set", said, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>As the Dockerfile does it; what the solution has built is not built again.</summary>
    private static async Task<string> PublishAsync(string project)
    {
        var folder = Directory.CreateTempSubdirectory("publish-").FullName;
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var result = await Checkout.RunAsync("dotnet", Checkout.Root, "publish", $"src/{project}", "-c", configuration, "-o", folder, "--no-build", "--nologo");
        Assert.True(result?.Code == 0, result?.Output);
        return folder;
    }

    private static ProcessStartInfo Start(string folder, string program) =>
        new("dotnet", [Path.Combine(folder, program)]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"RUN dotnet publish src/(\S+) -c Release -o /app\nFROM runtime AS (\S+)\nCOPY --from=publish-(\S+) /app /app\n(?:EXPOSE 8080 8081\n)?ENTRYPOINT \[""dotnet"", ""(\S+)""\]")]
    private static partial Regex Image();
}
