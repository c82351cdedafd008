namespace MLOpsLearn.Gateway.Host;

/// <summary>An answer that is kept back in memory, until it is passed on or has outgrown what may be kept; from then on it goes straight through.</summary>
internal sealed class KeptAnswer(Stream client, int mostBytes) : Stream
{
    private readonly MemoryStream _kept = new();

    /// <summary>Whether the client has seen some of it, so that another one can't take its place.</summary>
    public bool IsPassedOn { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Drops what is kept.</summary>
    public void Forget() => _kept.SetLength(0);

    /// <summary>Sends what is kept; whatever follows goes straight through.</summary>
    public async Task PassOnAsync(CancellationToken cancellationToken)
    {
        IsPassedOn = true;
        if (_kept.Length > 0)
        {
            await client.WriteAsync(_kept.GetBuffer().AsMemory(0, (int)_kept.Length), cancellationToken);
            _kept.SetLength(0);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!IsPassedOn && _kept.Length + buffer.Length <= mostBytes)
        {
            _kept.Write(buffer.Span);
            return;
        }

        if (!IsPassedOn)
        {
            await PassOnAsync(cancellationToken);
        }

        await client.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => IsPassedOn ? client.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Answers are written asynchronously.");
}
