namespace MLOpsLearn.Client.Transfer;

/// <summary>Ends a transfer on which nothing has moved for a while; as a whole it may take as long as it takes.</summary>
internal sealed class Silence : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _over;

    private Silence(TimeSpan limit, CancellationToken cancellationToken)
    {
        _limit = limit;
        _over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Heard();
    }

    public CancellationToken Token => _over.Token;

    /// <summary>Does a transfer.</summary>
    /// <exception cref="HttpRequestException">Nothing moved for longer than the limit.</exception>
    public static async Task<T> LimitAsync<T>(TimeSpan limit, Func<Silence, Task<T>> transfer, CancellationToken cancellationToken)
    {
        using var silence = new Silence(limit, cancellationToken);
        try
        {
            return await transfer(silence);
        }
        catch (OperationCanceledException exception) when (silence.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"Nothing has come from the server, or gone to it, for {limit.TotalSeconds:0.#} s.", exception);
        }
    }

    /// <summary>Something moved.</summary>
    public void Heard() => _over.CancelAfter(_limit);

    /// <summary>A stream of which every read counts.</summary>
    public Stream Over(Stream content) => new HeardStream(content, this);

    public void Dispose() => _over.Dispose();

    private sealed class HeardStream(Stream content, Silence silence) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => content.CanSeek;

        public override bool CanWrite => false;

        public override long Length => content.Length;

        public override long Position
        {
            get => content.Position;
            set => content.Position = value;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await content.ReadAsync(buffer, cancellationToken);
            silence.Heard();
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => content.Seek(offset, origin);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                content.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
