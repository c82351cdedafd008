using System.Text.RegularExpressions;

namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>A bucket, and where in it our objects lie: <c>s3://bucket/prefix</c>.</summary>
/// <param name="Bucket">Name of the bucket.</param>
/// <param name="Prefix">Empty, or ending with "/".</param>
internal sealed partial record StoreAddress(string Bucket, string Prefix)
{
    private const string Scheme = "s3://";
    private const int MostPrefix = 500;

    /// <summary>Whether the root names a bucket rather than a folder.</summary>
    public static bool IsBucket(string root) => root.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>The address that a root names; null when it breaks the rules of buckets.</summary>
    public static StoreAddress? TryParse(string root)
    {
        if (!IsBucket(root))
        {
            return null;
        }

        var rest = root[Scheme.Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (bucket, prefix) = slash < 0 ? (rest, "") : (rest[..slash], rest[(slash + 1)..].Trim('/'));
        var isPrefix = prefix.Length <= MostPrefix && !prefix.Split('/').Any(part => part is "." or "..") && (prefix.Length == 0 || Plain().IsMatch(prefix));
        return BucketName().IsMatch(bucket) && isPrefix ? new StoreAddress(bucket, prefix.Length == 0 ? "" : prefix + "/") : null;
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex BucketName();

    [GeneratedRegex(@"^[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
