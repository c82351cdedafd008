using Microsoft.Extensions.Options;

namespace MLOpsLearn.Training.Jobs;

/// <summary>Private folders of attempts, below the work root.</summary>
internal sealed class WorkFolders(IOptions<TrainingOptions> options)
{
    private string Root => Path.Combine(Path.GetFullPath(options.Value.WorkRoot), "jobs");

    public string Create(TrainingJob job) => Create($"{job.Id}.{job.Attempt}");

    /// <summary>For a worker that has no job yet.</summary>
    public string CreateStandby() => Create($"standby.{Guid.NewGuid():N}");

    /// <summary>Deletes a folder; one that can't be deleted now is tried again at the next start.</summary>
    public void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Folders on disk, with the job that each belongs to.</summary>
    public IReadOnlyList<LeftAttempt> List() =>
        Directory.Exists(Root) ? [.. Directory.EnumerateDirectories(Root).Select(folder => new LeftAttempt(folder, Path.GetFileName(folder).Split('.')[0]))] : [];

    private string Create(string name)
    {
        var folder = Path.Combine(Root, name);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return folder;
    }
}
