using System.Diagnostics;
using System.Globalization;
using Amazon.S3;
using MLOpsLearn.Tracking.Tests.Artifacts.Storage;

[assembly: AssemblyFixture(typeof(S3Server))]

namespace MLOpsLearn.Tracking.Tests.Artifacts.Storage;

/// <summary>
/// A private server that speaks S3 ("s3rver" of npm, with the calls it lacks added by s3-server.js); started when the first test asks for it. It is installed
/// once, into the user's folder for local data.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string Key = "S3RVER";

    private const string Package = "s3rver";
    private const string Version = "3.7.1";
    private const string ObjectEnding = "._S3rver_object";

    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-s3").FullName;
    private Process? _process;

    public string Endpoint { get; private set; } = "";

    /// <summary>Starts it, or skips the test where it can't be had.</summary>
    public async Task StartAsync()
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_process is null)
            {
                var home = await InstallAsync();
                Directory.CreateDirectory(Path.Combine(_folder, "refusals"));
                var script = Path.Combine(home, "s3-server.js");
                File.Copy(Path.Combine(AppContext.BaseDirectory, "Artifacts", "Storage", "s3-server.js"), script, overwrite: true);
                _process = Process.Start(new ProcessStartInfo("node", [script, _folder]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
                var port = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
                Endpoint = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Makes a bucket, unless it is there: one for each server of ours, since this one's listings don't bear that others delete beside them.</summary>
    public async Task MakeBucketAsync(string name)
    {
        await StartAsync();
        if (Directory.Exists(Path.Combine(_folder, "data", name)))
        {
            return;
        }

        using var client = Connect();
        await client.PutBucketAsync(name, TestContext.Current.CancellationToken);
    }

    public AmazonS3Client Connect() => new(Key, Key, new AmazonS3Config { ServiceURL = Endpoint, ForcePathStyle = true });

    /// <summary>What the server answers from now on to requests that store something in a bucket: an S3 error code; nothing for its own answers.</summary>
    public void Refuse(string bucket, string code) => File.WriteAllText(Path.Combine(_folder, "refusals", bucket), code);

    /// <summary>What the disk has of the objects and unfinished uploads of a bucket.</summary>
    public IEnumerable<string> FilesOf(string bucket)
    {
        var objects = Path.Combine(_folder, "data", bucket);
        var uploads = Path.Combine(objects, "._S3rver_uploads");
        return Directory.EnumerateFiles(objects, "*" + ObjectEnding, SearchOption.AllDirectories).Concat(Directory.Exists(uploads) ? Directory.EnumerateDirectories(uploads) : []);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            // It ends with its input.
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _starting.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<string> InstallAsync()
    {
        Assert.SkipWhen(Find("npm") is null || Find("node") is null, "skipped: npm is not installed");
        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "mlopslearn", "tests", $"{Package}-{Version}");
        if (Directory.Exists(home))
        {
            return home;
        }

        // Under another name first: half an installation must not look like one.
        var making = $"{home}.{Guid.NewGuid():N}";
        Directory.CreateDirectory(making);
        using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", "--prefix", making, $"{Package}@{Version}"])
        {
            WorkingDirectory = making,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var (code, _, errors) = await npm.EndAsync();
        Assert.SkipWhen(code != 0, $"skipped: npm can't install {Package}@{Version}: {errors}");
        if (!Directory.Exists(home))
        {
            Directory.Move(making, home);
        }

        return home;
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
