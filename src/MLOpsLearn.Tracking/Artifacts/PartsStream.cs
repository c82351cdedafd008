using MLOpsLearn.Tracking.Artifacts.Storage;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Reads objects one after another as if they were one.</summary>
internal sealed class PartsStream(IObjectStore objects, IReadOnlyList<string> names) : Stream
{
    private Stream? _current;
    private int _next;

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
        while (true)
        {
            if (_current is not null && await _current.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                return read;
            }

            if (_current is not null)
            {
                await _current.DisposeAsync();
                _current = null;
            }

            if (_next == names.Count)
            {
                return 0;
            }

            _current = await objects.OpenAsync(names[_next], cancellationToken) ?? throw new IOException("A part is gone: the upload was ended meanwhile.");
            _next++;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _current?.Dispose();
        base.Dispose(disposing);
    }
}
