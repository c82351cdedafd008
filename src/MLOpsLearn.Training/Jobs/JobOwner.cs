using System.Diagnostics;
using System.Globalization;

namespace MLOpsLearn.Training.Jobs;

/// <summary>Name of this process as the holder of leases: "machine/process id/random". Tells at once that an owner of this machine is dead.</summary>
internal sealed class JobOwner
{
    private static string ProcessId => Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    public string Name { get; init; } = $"{Environment.MachineName}/{ProcessId}/{Guid.NewGuid():N}";

    /// <summary>Whether workers end with the process that started them; where they don't, only a lease tells that a job is free.</summary>
    public bool WorkersEndWithOwner { get; init; } = true;

    /// <summary>
    /// True when <paramref name="owner"/> was a process of this machine that is gone. False when that can't be told: then its lease decides.
    /// </summary>
    public bool IsDead(string owner)
    {
        var parts = owner.Split('/');
        if (!WorkersEndWithOwner || parts.Length != 3 || parts[0] != Environment.MachineName || owner == Name)
        {
            return false;
        }

        if (parts[1] == ProcessId)
        {
            return true;
        }

        try
        {
            using var process = Process.GetProcessById(int.Parse(parts[1], CultureInfo.InvariantCulture));
            return process.HasExited;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
