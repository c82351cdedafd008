using System.Net;
using Amazon.Runtime;

namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>Says in words what a bucket refused. Nothing of credentials or of the server's own words, which may hold them, gets into it.</summary>
internal static class S3Faults
{
    private static readonly HashSet<string> Full = new(StringComparer.Ordinal)
    {
        "QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "XMinioAdminBucketQuotaExceededError", "StorageFull", "NoSpaceLeft",
    };

    public static ArtifactStoreException Explain(Exception exception, string bucket, string endpoint) => exception switch
    {
        AmazonServiceException { ErrorCode: "NoSuchBucket" } =>
            Away($"There is no bucket '{bucket}' at {endpoint}: create it, or correct Artifacts__Root.", exception),
        AmazonServiceException service when Full.Contains(service.ErrorCode ?? "") || service.StatusCode == HttpStatusCode.InsufficientStorage =>
            new ArtifactStoreException($"The artifact store can't take it now: bucket '{bucket}' has no room left.", isFull: true, exception),
        AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } denied =>
            Away($"Bucket '{bucket}' at {endpoint} refuses this server's credentials ({denied.ErrorCode}): check its keys or role and the bucket's policy.", exception),
        AmazonServiceException { StatusCode: >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError } refused =>
            Away($"Bucket '{bucket}' at {endpoint} refused a request ({(int)refused.StatusCode} {refused.ErrorCode}).", exception),
        AmazonClientException when exception.InnerException is not (HttpRequestException or IOException or OperationCanceledException) =>
            Away($"No credentials for bucket '{bucket}' were found, or it can't be asked: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or Artifacts__AccessKey and Artifacts__SecretKey.", exception),
        _ => Away($"Bucket '{bucket}' at {endpoint} can't be reached now.", exception),
    };

    private static ArtifactStoreException Away(string message, Exception cause) => new(message, isFull: false, cause);
}
