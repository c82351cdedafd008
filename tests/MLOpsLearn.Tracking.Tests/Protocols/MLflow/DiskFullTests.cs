using System.Diagnostics;
using System.Net;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>A database whose disk is full; the disk is a small file system in memory.</summary>
public sealed class DiskFullTests : IDisposable
{
    private readonly string _disk = Directory.CreateTempSubdirectory("mlops-disk").FullName;
    private bool _isMounted;

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", "-l", _disk);
        }

        Directory.Delete(_disk, recursive: true);
    }

    [Fact]
    public async Task A_full_disk_is_said_and_what_was_answered_stays()
    {
        _isMounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", _disk);
        Assert.SkipUnless(_isMounted, "skipped: a small file system can't be mounted here");
        await using var app = await TrackingApp.StartAsync(connectionString: $"Data Source={Path.Combine(_disk, "tracking.db")}");
        var client = new MLflowClient(app.Http) { App = app };
        var id = await client.NewRunAsync();
        var stored = 0;
        string? message = null;
        while (message is null)
        {
            var (status, answer) = await client.TryPostAsync("runs/log-batch", new
            {
                run_id = id,
                tags = Enumerable.Range(stored * 20, 20).Select(i => new { key = $"t{i}", value = new string('x', 8000) }),
            });
            if (status == HttpStatusCode.OK)
            {
                stored++;
                Assert.True(stored < 1000, "The disk is never full.");
                continue;
            }

            Assert.Equal((507, "RESOURCE_EXHAUSTED"), ((int)status, (string)answer["error_code"]!));
            message = (string)answer["message"]!;
        }

        Assert.Contains("full", message, StringComparison.Ordinal);
        Assert.Equal(stored * 20, (await client.RunAsync(id))["data"]!["tags"]!.AsArray().Count(tag => ((string)tag!["key"]!)[0] == 't'));
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
            return process is not null && process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
