namespace MLOpsLearn.Training;

/// <summary>Settings of the module, section "Training".</summary>
internal sealed class TrainingOptions
{
    public const string Section = "Training";

    /// <summary>Where workers run: "Process", a child process of the service (default), or "Kubernetes", a job of the cluster each.</summary>
    public WorkerPlace Executor { get; set; } = WorkerPlace.Process;

    /// <summary>Folder for the private folders of jobs that run. Default: below the system's folder for temporary files.</summary>
    public string WorkRoot { get; set; } = Path.Combine(Path.GetTempPath(), "mlopslearn-training");

    /// <summary>Folders whose files a job may name as "file:" inputs. Default none.</summary>
    public string[] DataRoots { get; set; } = [];

    /// <summary>Jobs that run at once. 1 to 64; default 1.</summary>
    public int MaxConcurrency { get; set; } = 1;

    /// <summary>How long a job stays with an owner that isn't heard of. 1 s to 1 h; default 30 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time of one attempt. 1 s to 7 d; default 6 h.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long the registry may be out of reach before a trained model is given up. Default 10 min.</summary>
    public TimeSpan RegistryPatience { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Most managed memory of a worker process, in bytes; its tables may take a quarter of it on top. At least 64 MiB; default 1 GiB.</summary>
    public long MemoryLimitBytes { get; set; } = 1L << 30;

    /// <summary>
    /// Whether, after the first job, a worker is kept started and warmed for the next one, which then begins a second or two earlier and costs about
    /// 150 MB meanwhile. Default true; only for workers that are child processes.
    /// </summary>
    public bool Standby { get; set; } = true;

    /// <summary>How often alerts are asked for, and waiting decisions looked at again. Default 30 s.</summary>
    public TimeSpan ReconcileInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The worker's program. Default: MLOpsLearn.Training.Worker.dll beside the service's own files.</summary>
    public string WorkerPath { get; set; } = Path.Combine(AppContext.BaseDirectory, "MLOpsLearn.Training.Worker.dll");

    public IEnumerable<string> Faults()
    {
        if (MaxConcurrency is < 1 or > 64)
        {
            yield return $"{Section}:{nameof(MaxConcurrency)} must be between 1 and 64, is {MaxConcurrency}.";
        }

        if (Lease < TimeSpan.FromSeconds(1) || Lease > TimeSpan.FromHours(1))
        {
            yield return $"{Section}:{nameof(Lease)} must be between 1 s and 1 h, is {Lease}.";
        }

        if (TimeLimit < TimeSpan.FromSeconds(1) || TimeLimit > TimeSpan.FromDays(7))
        {
            yield return $"{Section}:{nameof(TimeLimit)} must be between 1 s and 7 d, is {TimeLimit}.";
        }

        if (MemoryLimitBytes < 64L << 20)
        {
            yield return $"{Section}:{nameof(MemoryLimitBytes)} must be at least 64 MiB, is {MemoryLimitBytes}.";
        }

        if (ReconcileInterval < TimeSpan.FromSeconds(1) || ReconcileInterval > TimeSpan.FromHours(1))
        {
            yield return $"{Section}:{nameof(ReconcileInterval)} must be between 1 s and 1 h, is {ReconcileInterval}.";
        }

        foreach (var root in DataRoots.Where(root => !Path.IsPathFullyQualified(root)))
        {
            yield return $"{Section}:{nameof(DataRoots)} must hold absolute paths, '{root}' is not.";
        }
    }
}

/// <summary>Where the workers of training jobs run.</summary>
internal enum WorkerPlace
{
    /// <summary>A child process of the service.</summary>
    Process,

    /// <summary>A job of the Kubernetes cluster that the service runs in, or that its kubeconfig names.</summary>
    Kubernetes,
}
