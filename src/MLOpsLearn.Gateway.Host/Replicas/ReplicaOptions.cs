using System.ComponentModel.DataAnnotations;

namespace MLOpsLearn.Gateway.Host.Replicas;

/// <summary>How calls are spread over the replicas of a service; settings of the section <c>Gateway:Replicas</c>.</summary>
internal sealed class ReplicaOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Gateway:Replicas";

    /// <summary>How often a service's name is resolved again, in seconds; 1 to 3,600.</summary>
    [Range(1, 3600)]
    public int RefreshSeconds { get; set; } = 5;

    /// <summary>How long a replica that could not be reached is left out, in seconds; 1 to 3,600.</summary>
    [Range(1, 3600)]
    public int PauseSeconds { get; set; } = 5;

    /// <summary>Which replica gets the next call: of two that are drawn, the one with fewer calls under way, or one after the other, or any.</summary>
    [AllowedValues("PowerOfTwoChoices", "RoundRobin", "LeastRequests", "Random")]
    public string LoadBalancing { get; set; } = "PowerOfTwoChoices";
}
