namespace MLOpsLearn.Inference.Tests.Hosting;

/// <summary>A platform with versions 1 to 3, champion 1, and the module beside it.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly TestFolder _folder = new();

    private Stage(FakePlatform platform) => Platform = platform;

    public FakePlatform Platform { get; }

    public FakeRegistry Registry => Platform.Registry;

    public InferenceHost Host { get; private set; } = null!;

    public static async Task<Stage> StartAsync()
    {
        var stage = new Stage(await FakePlatform.StartAsync());
        for (var version = 1; version <= 3; version++)
        {
            stage.Registry.Add(version, ModelFiles.Version(version));
        }

        stage.Registry.Point(1);
        stage.Host = await InferenceHost.StartAsync(stage.Platform, stage._folder.Path);
        return stage;
    }

    public string ModelFolder => Path.Combine(_folder.Path, "models");

    public async Task RestartAsync(Action? whileDown = null)
    {
        await Host.DisposeAsync();
        whileDown?.Invoke();
        Host = await InferenceHost.StartAsync(Platform, _folder.Path, Host.Received);
    }

    /// <summary>Another process of the service, on the same database and files.</summary>
    public Task<InferenceHost> StartReplicaAsync() => InferenceHost.StartAsync(Platform, _folder.Path, Host.Received);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Platform.DisposeAsync();
        _folder.Dispose();
    }
}
