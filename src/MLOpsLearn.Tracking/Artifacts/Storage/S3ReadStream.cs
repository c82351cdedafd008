using Amazon.S3.Model;

namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>Reads an object from wherever it is set to. Nothing is fetched before the first read; a connection that breaks on the way is made anew where it broke.</summary>
internal sealed class S3ReadStream(S3Bucket bucket, string name, long length) : Stream
{
    private const int MostBreaks = 3;
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);
    private GetObjectResponse? _response;
    private long _position;
    private int _breaks;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <exception cref="ArtifactStoreException">The bucket can't be reached, or the object is gone.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0 || _position >= length)
        {
            return 0;
        }

        while (true)
        {
            _response ??= await bucket.CallAsync(
                (client, cancel) => client.GetObjectAsync(
                    new GetObjectRequest { BucketName = bucket.Name, Key = bucket.KeyOf(name), ByteRange = new ByteRange(_position, length - 1) }, cancel),
                cancellationToken);
            try
            {
                var read = await bucket.CallAsync((_, cancel) => _response.ResponseStream.ReadAsync(buffer, cancel).AsTask(), cancellationToken, Silence);
                if (read > 0)
                {
                    _position += read;
                    return read;
                }

                throw new ArtifactStoreException($"Bucket '{bucket.Name}' sent less than it had announced.", isFull: false, new EndOfStreamException());
            }
            catch (ArtifactStoreException) when (++_breaks <= MostBreaks)
            {
                EndResponse();
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => _position + offset, _ => length + offset };
        ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(offset));
        if (position != _position)
        {
            EndResponse();
            _position = position;
        }

        return position;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        EndResponse();
        base.Dispose(disposing);
    }

    private void EndResponse()
    {
        _response?.Dispose();
        _response = null;
    }
}
