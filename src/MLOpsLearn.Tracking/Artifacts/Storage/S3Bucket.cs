using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;

namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>Our part of a bucket. Every call goes through <see cref="CallAsync{T}"/>, which bounds it and says in words what the bucket refused.</summary>
internal sealed partial class S3Bucket : IDisposable
{
    /// <summary>What the bucket does with much content may take its time.</summary>
    public static readonly TimeSpan LongPatience = TimeSpan.FromMinutes(20);

    private const string UsualRegion = "us-east-1";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly AmazonS3Client _client;
    private readonly StoreAddress _address;
    private readonly string _endpoint;
    private readonly ILogger _logger;
    private readonly bool _isSecure;

    public S3Bucket(StoreAddress address, ArtifactOptions options, ILogger<S3Bucket> logger)
    {
        (_address, _logger) = (address, logger);
        var config = new AmazonS3Config
        {
            ForcePathStyle = true,
            Timeout = LongPatience,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            MaxErrorRetry = 3,
            // Servers other than Amazon's don't know the newer checksums.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        var region = options.Region.Length > 0 ? options.Region : FallbackRegionFactory.GetRegionEndpoint()?.SystemName ?? UsualRegion;
        if (options.Endpoint.Length > 0)
        {
            (config.ServiceURL, config.AuthenticationRegion) = (options.Endpoint, region);
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        _endpoint = options.Endpoint.Length > 0 ? options.Endpoint : region;
        _isSecure = !options.Endpoint.StartsWith("http:", StringComparison.OrdinalIgnoreCase);
        _client = options.AccessKey.Length > 0
            ? new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config)
            : new AmazonS3Client(config);
    }

    public string Name => _address.Bucket;

    public string KeyOf(string name) => _address.Prefix + name;

    public string NameOf(string key) => key[_address.Prefix.Length..];

    /// <summary>One call.</summary>
    /// <exception cref="ArtifactStoreException">The bucket refused it or can't be reached.</exception>
    public async Task<T> CallAsync<T>(Func<IAmazonS3, CancellationToken, Task<T>> call, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience ?? Patience);
        try
        {
            return await call(_client, limit.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && exception is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or OperationCanceledException)
        {
            throw S3Faults.Explain(exception, Name, _endpoint);
        }
    }

    /// <summary>A request that puts an object.</summary>
    public PutObjectRequest Put(string name, Stream content) => new()
    {
        BucketName = Name,
        Key = KeyOf(name),
        InputStream = content,
        AutoCloseStream = false,
        UseChunkEncoding = false,
        DisablePayloadSigning = _isSecure,
    };

    /// <summary>Begins an upload in parts; its id.</summary>
    public async Task<string> BeginAsync(string key, CancellationToken cancellationToken) =>
        (await CallAsync((client, cancel) => client.InitiateMultipartUploadAsync(Name, key, cancel), cancellationToken)).UploadId;

    /// <summary>Uploads a part; its tag.</summary>
    public async Task<PartETag> PartAsync(string key, string upload, int number, int length, byte[] buffer, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(buffer, 0, length, writable: false);
        var answer = await CallAsync(
            (client, cancel) => client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = Name,
                    Key = key,
                    UploadId = upload,
                    PartNumber = number,
                    InputStream = content,
                    PartSize = length,
                    UseChunkEncoding = false,
                    DisablePayloadSigning = _isSecure,
                },
                cancel),
            cancellationToken);
        return new PartETag(number, answer.ETag);
    }

    public Task CompleteAsync(string key, string upload, List<PartETag> parts, CancellationToken cancellationToken) => CallAsync(
        (client, cancel) => client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = Name, Key = key, UploadId = upload, PartETags = parts }, cancel),
        cancellationToken,
        LongPatience);

    /// <summary>Gives an upload in parts up, even when whoever sent it is gone. What fails here is left to <see cref="IObjectStore.RemoveAbandonedAsync"/>.</summary>
    public async Task TryAbortAsync(string key, string upload)
    {
        try
        {
            await CallAsync((client, cancel) => client.AbortMultipartUploadAsync(Name, key, upload, cancel), CancellationToken.None);
        }
        catch (ArtifactStoreException exception)
        {
            Log.NotRemoved(_logger, key, exception.Message);
        }
    }

    /// <summary>Deletes a temporary object, with the same patience.</summary>
    public async Task TryDeleteAsync(string key)
    {
        try
        {
            await CallAsync((client, cancel) => client.DeleteObjectAsync(Name, key, cancel), CancellationToken.None);
        }
        catch (ArtifactStoreException exception)
        {
            Log.NotRemoved(_logger, key, exception.Message);
        }
    }

    public void Dispose() => _client.Dispose();

    private static partial class Log
    {
        [LoggerMessage(2005, LogLevel.Warning, "The unfinished upload {Key} could not be removed; the next cleaning takes it: {Reason}")]
        public static partial void NotRemoved(ILogger logger, string key, string reason);
    }
}
