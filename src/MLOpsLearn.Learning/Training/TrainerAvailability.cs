using System.Runtime.InteropServices;
using MLOpsLearn.Learning.Specification;

namespace MLOpsLearn.Learning.Training;

/// <summary>Which trainers this machine has.</summary>
public static class TrainerAvailability
{
    /// <summary>LightGBM's native library exists for x64 only.</summary>
    public static bool HasLightGbm => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>The trainer to use for the one asked for, and a notice when it is another.</summary>
    public static (TrainerKind Kind, string? Notice) Choose(TrainerKind asked, bool hasLightGbm) => asked == TrainerKind.LightGbm && !hasLightGbm
        ? (TrainerKind.FastTree, $"LightGBM has no native library for {RuntimeInformation.ProcessArchitecture}; FastTree is used with the same settings.")
        : (asked, null);
}
