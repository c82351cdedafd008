namespace MLOpsLearn.Monitoring;

/// <summary>Where monitoring keeps its files.</summary>
internal sealed class MonitoringOptions
{
    public const string Section = "Monitoring";

    /// <summary>Folder of segments, references and exports. No default.</summary>
    public string Root { get; set; } = "";

    /// <summary>Rows that are gathered into one segment; 1,000 to 1,000,000, default 50,000.</summary>
    public int SegmentRows { get; set; } = 50_000;

    public string SegmentPath(string endpoint, string segmentId) => Path.Combine(Root, "segments", endpoint, segmentId + ".parquet");

    public string ReferencePath(string sha256) => Path.Combine(Root, "references", sha256 + ".parquet");

    public string ExportPath(string sha256) => Path.Combine(Root, "exports", sha256 + ".parquet");
}
