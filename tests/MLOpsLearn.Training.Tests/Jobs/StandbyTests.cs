using System.Diagnostics;
using System.Globalization;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Tests.Jobs;

/// <summary>The worker that is started ahead of its job.</summary>
public sealed class StandbyTests
{
    [Fact]
    public async Task The_next_job_goes_to_the_worker_that_waits_and_one_that_died_waiting_is_no_loss()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: processes are looked up in /proc");
        await using var host = await TrainingHost.StartAsync();
        var input = host.Neighbours.UploadedInput("trips.parquet", Trips.File());
        Assert.Equal(JobState.Succeeded, (await TrainAsync(host, input)).State);

        var waiting = await WaitingAsync(host);
        host.Neighbours.Registry.Champion = null;
        var second = await host.StartJobAsync(Trips.Yaml(), input);
        var running = await host.UntilAsync(second.JobId, job => job.ProcessId > 0);
        Assert.Equal(waiting, running.ProcessId);
        Assert.Equal(JobState.Succeeded, (await host.UntilEndedAsync(second.JobId)).State);

        using (var next = Process.GetProcessById(await WaitingAsync(host, otherThan: waiting)))
        {
            next.Kill();
        }

        host.Neighbours.Registry.Champion = null;
        var third = await TrainAsync(host, input);
        Assert.Equal((JobState.Succeeded, 1), (third.State, third.Attempt));
    }

    [Fact]
    public async Task Without_the_setting_none_waits()
    {
        await using var host = await TrainingHost.StartAsync(settings: ("Training:Standby", "false"));
        Assert.Equal(JobState.Succeeded, (await TrainAsync(host, host.Neighbours.UploadedInput("trips.parquet", Trips.File()))).State);

        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

        Assert.Empty(Waiting(host));
    }

    private static async Task<Job> TrainAsync(TrainingHost host, JobInput input)
    {
        var job = await host.StartJobAsync(Trips.Yaml(), input);
        return await host.UntilEndedAsync(job.JobId);
    }

    private static async Task<int> WaitingAsync(TrainingHost host, int otherThan = 0)
    {
        var found = 0;
        await Eventually.HoldsAsync(() => (found = Waiting(host).FirstOrDefault(id => id != otherThan)) > 0);
        return found;
    }

    /// <summary>Processes that wait for a job in a folder of this host.</summary>
    private static IEnumerable<int> Waiting(TrainingHost host) => Directory.EnumerateDirectories("/proc")
        .Where(process => int.TryParse(Path.GetFileName(process), out _))
        .Where(process =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(process, "cmdline")).Contains("--standby", StringComparison.Ordinal)
                    && new FileInfo(Path.Combine(process, "cwd")).LinkTarget?.StartsWith(host.Folder, StringComparison.Ordinal) is true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        })
        .Select(process => int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture));
}
