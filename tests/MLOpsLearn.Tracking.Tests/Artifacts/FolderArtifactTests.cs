namespace MLOpsLearn.Tracking.Tests.Artifacts;

/// <summary>Artifacts in a folder.</summary>
public sealed class FolderArtifactTests : ArtifactTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_killed_server_had_begun_to_receive_is_gone_after_the_next_start()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-tracking").FullName;
        var left = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "artifacts", "incoming")).FullName, "0193");
        await File.WriteAllTextAsync(left, "half", Cancel);

        await using var app = await TrackingApp.StartAsync(folder);

        await Eventually.HoldsAsync(() => !File.Exists(left));
    }

    internal override Task<TrackingApp> StartAsync() => TrackingApp.StartAsync();
}
