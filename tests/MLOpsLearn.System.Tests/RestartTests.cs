using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.SystemTests;

/// <summary>What the AppHost keeps over its own end.</summary>
[Collection("processes")]
public sealed class RestartTests : IDisposable
{
    // Servers that must not be root have to reach their folder: not below a private one.
    private readonly string _data = Path.Combine(Path.GetTempPath(), "mlops-restart-" + Guid.NewGuid().ToString("N")[..8]);

    public void Dispose()
    {
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    [Fact]
    public async Task State_survives_a_restart_and_nothing_runs_in_between()
    {
        var token = TestContext.Current.CancellationToken;
        string runId;
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "kept", token);
        IReadOnlyList<(int Id, string Command)> processes;
        await using (var first = await AppHostProcess.StartInAsync(_data))
        {
            var run = await first.Client.Tracking.CreateRunAsync(new CreateRunRequest { RequestId = MLOpsLearnClient.NewRequestId(), Name = "kept" }, cancellationToken: token);
            runId = run.RunId;
            await first.Client.UploadArtifactAsync(runId, "notes/kept.txt", file, token);
            processes = first.Processes;
            Assert.True(processes.Count >= 10, $"{processes.Count} processes");
        }

        File.Delete(file);
        await ProcessTree.GoneAsync(processes);
        Assert.True(File.Exists(Path.Combine(_data, "logs", "tracking.log")));

        await using var again = await AppHostProcess.StartInAsync(_data);
        Assert.Equal("kept", (await again.Client.Tracking.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: token)).Name);
        using var http = new HttpClient { BaseAddress = again.Http };
        Assert.Equal("kept", await http.GetStringAsync(new Uri($"/api/tracking/v1/runs/{runId}/artifacts/notes/kept.txt", UriKind.Relative), token));
    }
}
