using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>
/// Objects of a bucket of any server that speaks S3. Content of one part is put under its name at once; larger content is uploaded in parts under a temporary
/// name and copied inside the bucket, since its digest is its name and is known at its end only.
/// </summary>
internal sealed class S3Store(S3Bucket bucket, ArtifactOptions options) : IObjectStore, IDisposable
{
    /// <summary>Where uploads in parts lie until they have a name.</summary>
    public const string Incoming = "incoming/";

    private const long MostOneCopy = 5L * 1024 * 1024 * 1024;
    private const long CopyPart = 1024L * 1024 * 1024;
    private const int MostLarge = 16;

    /// <summary>What takes part buffers waits here: memory is bounded however many clients upload.</summary>
    public SemaphoreSlim LargeUploads { get; } = new(MostLarge, MostLarge);

    public S3Bucket Bucket => bucket;

    public async Task<IncomingObject> ReceiveAsync(Stream content, CancellationToken cancellationToken)
    {
        var incoming = new S3Incoming(this);
        try
        {
            await incoming.FillAsync(content, cancellationToken);
            return incoming;
        }
        catch
        {
            await incoming.DisposeAsync();
            throw;
        }
    }

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => bucket.CallAsync(
        async (client, cancel) =>
        {
            try
            {
                var found = await client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = bucket.Name, Key = bucket.KeyOf(name) }, cancel);
                return new StoredObject(name, found.ContentLength, found.LastModified?.ToUniversalTime() ?? DateTime.MinValue);
            }
            catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound && exception.ErrorCode != "NoSuchBucket")
            {
                return null;
            }
        },
        cancellationToken);

    public async Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) =>
        await FindAsync(name, cancellationToken) is { } found ? new S3ReadStream(bucket, name, found.SizeBytes) : null;

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = bucket.Name, Prefix = bucket.KeyOf(prefix) };
        ListObjectsV2Response page;
        do
        {
            page = await bucket.CallAsync((client, cancel) => client.ListObjectsV2Async(request, cancel), cancellationToken);
            foreach (var stored in page.S3Objects ?? [])
            {
                yield return new StoredObject(bucket.NameOf(stored.Key), stored.Size ?? 0, stored.LastModified?.ToUniversalTime() ?? DateTime.MinValue);
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated is true);
    }

    public async Task<StoredObject?> MoveAsync(string name, string to, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } found)
        {
            return null;
        }

        await CopyAsync(name, to, found.SizeBytes, cancellationToken);
        await DeleteAsync(name, cancellationToken);
        return found;
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        bucket.CallAsync((client, cancel) => client.DeleteObjectAsync(bucket.Name, bucket.KeyOf(name), cancel), cancellationToken);

    public async Task<DateTime> NowAsync(CancellationToken cancellationToken)
    {
        var probe = $"{Incoming}{Guid.NewGuid():N}";
        await bucket.CallAsync((client, cancel) => client.PutObjectAsync(bucket.Put(probe, Stream.Null), cancel), cancellationToken);
        try
        {
            // Listed, for an object's own answer has no fractions of a second.
            await foreach (var found in ListAsync(probe, cancellationToken))
            {
                return found.Modified;
            }

            throw new IOException("A bucket that does not list what was just put into it can't be cleaned.");
        }
        finally
        {
            await DeleteAsync(probe, CancellationToken.None);
        }
    }

    public async Task<int> RemoveAbandonedAsync(CancellationToken cancellationToken)
    {
        DateTime? latest = null;
        var removed = 0;
        await foreach (var stored in ListAsync(Incoming, cancellationToken))
        {
            latest ??= await NowAsync(cancellationToken) - options.AbandonedAfter;
            if (stored.Modified <= latest)
            {
                await DeleteAsync(stored.Name, cancellationToken);
                removed++;
            }
        }

        var request = new ListMultipartUploadsRequest { BucketName = bucket.Name, Prefix = bucket.KeyOf(Incoming) };
        ListMultipartUploadsResponse page;
        do
        {
            page = await bucket.CallAsync((client, cancel) => client.ListMultipartUploadsAsync(request, cancel), cancellationToken);
            foreach (var upload in page.MultipartUploads ?? [])
            {
                latest ??= await NowAsync(cancellationToken) - options.AbandonedAfter;
                if (upload.Initiated?.ToUniversalTime() <= latest)
                {
                    await bucket.CallAsync((client, cancel) => client.AbortMultipartUploadAsync(bucket.Name, upload.Key, upload.UploadId, cancel), cancellationToken);
                    removed++;
                }
            }

            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
        while (page.IsTruncated is true);
        return removed;
    }

    /// <summary>Copies inside the bucket: no byte comes through this process.</summary>
    public async Task CopyAsync(string name, string to, long size, CancellationToken cancellationToken)
    {
        var (from, target) = (bucket.KeyOf(name), bucket.KeyOf(to));
        if (size <= MostOneCopy)
        {
            await bucket.CallAsync(
                (client, cancel) => client.CopyObjectAsync(
                    new CopyObjectRequest { SourceBucket = bucket.Name, SourceKey = from, DestinationBucket = bucket.Name, DestinationKey = target }, cancel),
                cancellationToken,
                S3Bucket.LongPatience);
            return;
        }

        var upload = await bucket.BeginAsync(target, cancellationToken);
        try
        {
            var parts = new PartETag[(int)((size + CopyPart - 1) / CopyPart)];
            await Parallel.ForAsync(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (i, cancelled) =>
            {
                var copied = await bucket.CallAsync(
                    (client, cancel) => client.CopyPartAsync(
                        new CopyPartRequest
                        {
                            SourceBucket = bucket.Name,
                            SourceKey = from,
                            DestinationBucket = bucket.Name,
                            DestinationKey = target,
                            UploadId = upload,
                            PartNumber = i + 1,
                            FirstByte = i * CopyPart,
                            LastByte = Math.Min(size, (i + 1) * CopyPart) - 1,
                        },
                        cancel),
                    cancelled,
                    S3Bucket.LongPatience);
                parts[i] = new PartETag(i + 1, copied.ETag);
            });
            await bucket.CompleteAsync(target, upload, [.. parts], cancellationToken);
        }
        catch
        {
            await bucket.TryAbortAsync(target, upload);
            throw;
        }
    }

    public void Dispose()
    {
        LargeUploads.Dispose();
        bucket.Dispose();
    }
}
