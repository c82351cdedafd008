namespace MLOpsLearn.Gateway.Host;

/// <summary>A request's body in memory, to be sent more than once.</summary>
internal sealed class KeptBody(int mostBytes, long? announcedBytes)
{
    private const int FirstBytes = 32 * 1024;

    // Not from a pool: a call that broke off may still be read from while the next request would fill the same memory.
    // A small body takes what it announced; above that it grows with what has come, for an announcement costs its sender nothing.
    private byte[] _bytes = new byte[Math.Min(Math.Min(announcedBytes ?? FirstBytes, FirstBytes), mostBytes) + 1];
    private int _length;

    /// <summary>Reads to the end; false when the body is longer than may be kept.</summary>
    public async Task<bool> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_length == _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Min(_bytes.Length * 2, mostBytes + 1));
            }

            var read = await body.ReadAsync(_bytes.AsMemory(_length), cancellationToken);
            if (read == 0)
            {
                return true;
            }

            _length += read;
            if (_length > mostBytes)
            {
                return false;
            }
        }
    }

    public Stream Open() => new MemoryStream(_bytes, 0, _length, writable: false);

    /// <summary>What was read, and behind it the rest, which can be read only once.</summary>
    public Stream OpenWith(Stream rest) => new Joined(Open(), rest);

    private sealed class Joined(Stream first, Stream rest) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await first.ReadAsync(buffer, cancellationToken);
            return read > 0 ? read : await rest.ReadAsync(buffer, cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = first.Read(buffer, offset, count);
            return read > 0 ? read : rest.Read(buffer, offset, count);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
