using System.Buffers;
using System.Security.Cryptography;
using Amazon.S3.Model;

namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>
/// Content on its way into a bucket. Up to one part of it waits in memory and is put under its name in one request. More goes to a temporary name in parts
/// while it comes, one part being sent while the next is read; who goes away in between leaves an upload that is aborted.
/// </summary>
internal sealed class S3Incoming(S3Store store) : IncomingObject
{
    private const int FirstBytes = 128 * 1024;
    private const int LargeBytes = 1024 * 1024;
    private const int PartBytes = 8 * 1024 * 1024;
    // A bucket takes 10,000 parts: they grow, so that there is room for 430 GB.
    private const int PartsOfOneSize = 1000;
    private const int MostParts = 10_000;

    private readonly List<PartETag> _parts = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private byte[]? _sentBuffer;
    private Task<PartETag>? _sending;
    private string? _upload;
    private string _key = "";
    private string _sha256 = "";
    private long _size;
    private bool _isLarge;
    private bool _isWhole;

    public override string Sha256 => _sha256;

    public override long SizeBytes => _size;

    public async Task FillAsync(Stream content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (true)
        {
            var read = await ReadPartAsync(content, hash, PartBytes * (1 + (_parts.Count / PartsOfOneSize)), cancellationToken);
            if (read < PartBytes && _upload is null && _sending is null)
            {
                // All of it is in memory.
                break;
            }

            if (read == 0)
            {
                break;
            }

            await SendAsync(read, cancellationToken);
        }

        if (_upload is not null)
        {
            await SentAsync();
        }

        _sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public override async Task PlaceAsync(string name, CancellationToken cancellationToken)
    {
        if ((await store.FindAsync(name, cancellationToken))?.SizeBytes == _size)
        {
            return;
        }

        if (_upload is null)
        {
            using var content = new MemoryStream(_buffer, 0, (int)_size, writable: false);
            await store.Bucket.CallAsync((client, cancel) => client.PutObjectAsync(store.Bucket.Put(name, content), cancel), cancellationToken);
            return;
        }

        if (!_isWhole)
        {
            await store.Bucket.CompleteAsync(_key, _upload, _parts, cancellationToken);
            _isWhole = true;
        }

        await store.CopyAsync(store.Bucket.NameOf(_key), name, _size, cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await EndSendingAsync();
        if (_isWhole)
        {
            await store.Bucket.TryDeleteAsync(_key);
        }
        else if (_upload is not null)
        {
            await store.Bucket.TryAbortAsync(_key, _upload);
        }

        (_upload, _isWhole) = (null, false);
        foreach (var buffer in new[] { _buffer, _sentBuffer })
        {
            if (buffer is { Length: > 0 })
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        (_buffer, _sentBuffer) = ([], null);
        if (_isLarge)
        {
            _isLarge = false;
            store.LargeUploads.Release();
        }
    }

    private async Task<int> ReadPartAsync(Stream content, IncrementalHash hash, int most, CancellationToken cancellationToken)
    {
        var length = 0;
        while (length < most)
        {
            if (length == _buffer.Length)
            {
                await GrowAsync(length, Math.Min(most, _buffer.Length * 4), cancellationToken);
            }

            var read = await content.ReadAsync(_buffer.AsMemory(length, Math.Min(most, _buffer.Length) - length), cancellationToken);
            if (read == 0)
            {
                break;
            }

            hash.AppendData(_buffer, length, read);
            length += read;
        }

        _size += length;
        return length;
    }

    private async Task GrowAsync(int length, int size, CancellationToken cancellationToken)
    {
        if (!_isLarge && size > LargeBytes)
        {
            await store.LargeUploads.WaitAsync(cancellationToken);
            _isLarge = true;
        }

        var larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private async Task SendAsync(int length, CancellationToken cancellationToken)
    {
        if (_upload is null)
        {
            _key = store.Bucket.KeyOf($"{S3Store.Incoming}{Guid.CreateVersion7():N}");
            _upload = await store.Bucket.BeginAsync(_key, cancellationToken);
        }

        await SentAsync();
        if (_parts.Count == MostParts)
        {
            throw new IOException("The content is larger than a bucket takes in parts.");
        }

        var free = _sentBuffer ?? ArrayPool<byte>.Shared.Rent(PartBytes);
        (_sentBuffer, _buffer) = (_buffer, free);
        _sending = store.Bucket.PartAsync(_key, _upload, _parts.Count + 1, length, _sentBuffer, cancellationToken);
    }

    private async Task SentAsync()
    {
        if (_sending is { } sending)
        {
            _sending = null;
            _parts.Add(await sending);
        }
    }

    // Its buffer goes back to the pool then: nobody must read it any more.
    private async Task EndSendingAsync()
    {
        try
        {
            await SentAsync();
        }
        catch (Exception exception) when (exception is ArtifactStoreException or OperationCanceledException)
        {
            // Whoever filled it has been told, or is gone.
        }
    }
}
