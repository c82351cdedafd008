using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.Training.KubernetesJobs;

/// <summary>Settings of workers that run as jobs of a Kubernetes cluster, section "Training:Kubernetes". Read when Training:Executor is Kubernetes.</summary>
internal sealed partial class KubernetesOptions
{
    public const string Section = "Training:Kubernetes";

    /// <summary>Namespace of the jobs. Default "": the one that the service itself runs in, or that its kubeconfig names.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>Image of the worker. No default.</summary>
    public string Image { get; set; } = "";

    /// <summary>Name of this installation among others in the namespace: a label value of at most 63 characters. Default "mlopslearn".</summary>
    public string Instance { get; set; } = "mlopslearn";

    /// <summary>Account that the pods run under; its token is not given to them. Default "mlopslearn-worker".</summary>
    public string ServiceAccount { get; set; } = "mlopslearn-worker";

    /// <summary>Processor time that a job asks for and gets at most, as a quantity of Kubernetes. Default "1".</summary>
    public string Cpu { get; set; } = "1";

    /// <summary>Size of a job's private folder, as a quantity of Kubernetes. Default "10Gi".</summary>
    public string Scratch { get; set; } = "10Gi";

    /// <summary>Volume claim with the files of Training:DataRoots, mounted read-only at the one root. Default "": none.</summary>
    public string DataClaim { get; set; } = "";

    /// <summary>How long a job's pod may take to start (image, free node) before the attempt is given up. 10 s to 1 d; default 10 min.</summary>
    public TimeSpan StartLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a job that ended stays in the cluster, for its log. 0 to 7 d; default 1 h.</summary>
    public TimeSpan KeepEnded { get; set; } = TimeSpan.FromHours(1);

    public IEnumerable<string> Faults(TrainingOptions training)
    {
        if (Image.Length == 0)
        {
            yield return $"{Section}:{nameof(Image)} must name the worker's image when Training:Executor is Kubernetes.";
        }

        foreach (var (name, value) in new[] { (nameof(Cpu), Cpu), (nameof(Scratch), Scratch) }.Where(setting => !Quantity().IsMatch(setting.Item2)))
        {
            yield return $"{Section}:{name} must be a quantity such as 500m, 2 or 10Gi, is '{value}'.";
        }

        if (!Label().IsMatch(Instance))
        {
            yield return $"{Section}:{nameof(Instance)} must be 1 to 63 letters, digits, '-', '_' or '.', beginning and ending with a letter or digit, is '{Instance}'.";
        }

        if (StartLimit < TimeSpan.FromSeconds(10) || StartLimit > TimeSpan.FromDays(1))
        {
            yield return $"{Section}:{nameof(StartLimit)} must be between 10 s and 1 d, is {StartLimit}.";
        }

        if (KeepEnded < TimeSpan.Zero || KeepEnded > TimeSpan.FromDays(7))
        {
            yield return $"{Section}:{nameof(KeepEnded)} must be between 0 and 7 d, is {KeepEnded}.";
        }

        if (DataClaim.Length > 0 && training.DataRoots.Length != 1)
        {
            yield return $"{Section}:{nameof(DataClaim)} is mounted at the one root in Training:DataRoots; there are {training.DataRoots.Length}.";
        }
    }

    [GeneratedRegex(@"^\d{1,9}(\.\d{1,3})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$")]
    private static partial Regex Quantity();

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")]
    private static partial Regex Label();
}

/// <summary>Says all faults at once, and none while workers run elsewhere.</summary>
internal sealed class KubernetesOptionsValidator(IOptions<TrainingOptions> training) : IValidateOptions<KubernetesOptions>
{
    public ValidateOptionsResult Validate(string? name, KubernetesOptions options)
    {
        List<string> faults = training.Value.Executor == WorkerPlace.Kubernetes ? [.. options.Faults(training.Value)] : [];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
