using System.ComponentModel.DataAnnotations;

namespace MLOpsLearn.Inference;

/// <summary>Settings of the section <c>Inference</c>.</summary>
public sealed class InferenceOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Inference";

    /// <summary>Folder for model files by digest; made when it is missing.</summary>
    [Required]
    public string CacheRoot { get; set; } = "";

    /// <summary>Model files kept in the folder, the newest used first; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int CachedFiles { get; set; } = 50;

    /// <summary>Largest model file that is loaded, in bytes.</summary>
    [Range(1, int.MaxValue)]
    public int MaxModelBytes { get; set; } = 512 * 1024 * 1024;

    /// <summary>How often aliases are resolved when no event tells of a change, in seconds; 1 to 3,600.</summary>
    [Range(1, 3600)]
    public int RefreshSeconds { get; set; } = 5;

    /// <summary>
    /// Served rows that may wait to leave as events; what comes above is counted as lost. 1,000 to 100,000,000; the default takes 5,000 rows/s for 80 s
    /// while the broker is away. A waiting row costs about its bytes: 20 columns are some 150.
    /// </summary>
    [Range(1000, 100_000_000)]
    public int CaptureBufferRows { get; set; } = 400_000;

    /// <summary>How long an unfilled batch waits for more rows, in milliseconds; 1 to 60,000.</summary>
    [Range(1, 60_000)]
    public int CaptureDelayMilliseconds { get; set; } = 200;

    /// <summary>How long a shutdown waits for the bus to take what is left, in seconds; 0 to 60.</summary>
    [Range(0, 60)]
    public int CaptureFlushSeconds { get; set; } = 8;
}
