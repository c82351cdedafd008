namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Where artifacts are kept.</summary>
internal sealed class ArtifactOptions
{
    public const string Section = "Artifacts";

    /// <summary>Folder of the store, or <c>s3://bucket/prefix</c>. No default.</summary>
    public string Root { get; set; } = "";

    /// <summary>Address of a server that speaks S3, for example http://minio:9000. Empty for Amazon's own.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Region of the bucket; what the environment says (AWS_REGION), else us-east-1, when it is empty.</summary>
    public string Region { get; set; } = "";

    /// <summary>With <see cref="SecretKey"/>; without them the usual places of AWS are asked: environment, profile, role of the machine.</summary>
    public string AccessKey { get; set; } = "";

    public string SecretKey { get; set; } = "";

    /// <summary>How long a content must have lain unused before a clean-up takes it. Default one hour: an upload may be about to refer to it.</summary>
    public TimeSpan SweepGrace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long what was begun to be received in a bucket, where nobody can see whether its process lives, is left alone. Default one day.</summary>
    public TimeSpan AbandonedAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long an upload in parts waits for its next part. Default a week.</summary>
    public TimeSpan UploadPatience { get; set; } = TimeSpan.FromDays(7);
}
