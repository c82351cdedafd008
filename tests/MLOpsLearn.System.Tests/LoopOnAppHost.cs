namespace MLOpsLearn.SystemTests;

/// <summary>One AppHost with nothing of earlier runs, on which the tests of a class run short loops one after the other.</summary>
public sealed class LoopOnAppHost : IAsyncLifetime
{
    private AppHostProcess? _appHost;

    /// <summary>Where the small months are.</summary>
    internal string Folder { get; } = Directory.CreateTempSubdirectory("mlops-short-loop-").FullName;

    public ValueTask InitializeAsync()
    {
        SmallMonths.Write(Folder);
        return ValueTask.CompletedTask;
    }

    /// <summary>Started by the first test, which may have to be skipped; healthy again after the test before.</summary>
    internal async Task<AppHostProcess> AppHostAsync()
    {
        _appHost ??= await AppHostProcess.StartAsync();
        await _appHost.HealthyAsync();
        return _appHost;
    }

    public async ValueTask DisposeAsync()
    {
        if (_appHost is not null)
        {
            await _appHost.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
