namespace MLOpsLearn.SystemTests;

/// <summary>One AppHost with nothing of earlier runs, on which the tests of a class run short loops one after the other.</summary>
public sealed class LoopOnAppHost : IAsyncLifetime
{
    /// <summary>The engine gives a service up at its sixth death, each within a minute of its start; a loop may kill each once.</summary>
    private const int MostLoops = 5;
    private AppHostProcess? _appHost;
    private int _loops;

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
        if (_appHost is null || _loops % MostLoops == 0)
        {
            await StopAsync();
            _appHost = await AppHostProcess.StartAsync();
        }

        _loops++;
        await _appHost.HealthyAsync();
        return _appHost;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task StopAsync()
    {
        if (_appHost is { } appHost)
        {
            _appHost = null;
            await appHost.DisposeAsync();
        }
    }
}
