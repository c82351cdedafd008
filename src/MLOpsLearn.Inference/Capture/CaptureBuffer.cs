using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Inference.V1;

namespace MLOpsLearn.Inference.Capture;

/// <summary>
/// Served requests on their way out. Bounded by rows: what does not fit is counted as lost, since an answer must never wait for its own record.
/// </summary>
internal sealed class CaptureBuffer(IOptions<InferenceOptions> options)
{
    private readonly Channel<ServedRequest> _requests = Channel.CreateUnbounded<ServedRequest>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, Counters> _counters = new(StringComparer.Ordinal);
    private long _waiting;

    public ChannelReader<ServedRequest> Reader => _requests.Reader;

    public void Add(ServedRequest request)
    {
        var (name, rows) = (request.Endpoint.Name, request.Rows);
        var counters = Of(name);
        if (Interlocked.Add(ref _waiting, rows) > options.Value.CaptureBufferRows)
        {
            Interlocked.Add(ref _waiting, -rows);
            Lose(name, rows);
            return;
        }

        Interlocked.Add(ref counters.Captured, rows);
        Interlocked.Add(ref counters.Waiting, rows);
        _requests.Writer.TryWrite(request);
    }

    /// <summary>The bus took them.</summary>
    public void Published(string endpoint, int rows)
    {
        var counters = Of(endpoint);
        Interlocked.Add(ref _waiting, -rows);
        Interlocked.Add(ref counters.Waiting, -rows);
        Interlocked.Add(ref counters.Published, rows);
        InferenceTelemetry.Published(endpoint, rows);
    }

    /// <summary>They will not leave any more.</summary>
    public void GaveUp(string endpoint, int rows)
    {
        Interlocked.Add(ref _waiting, -rows);
        Interlocked.Add(ref Of(endpoint).Waiting, -rows);
        Lose(endpoint, rows);
    }

    /// <summary>Rows that were lost since the last call: the next batch tells monitoring of them.</summary>
    public long TakeUnreportedLoss(string endpoint) => Interlocked.Exchange(ref Of(endpoint).UnreportedLoss, 0);

    public CaptureStatus StatusOf(string endpoint)
    {
        var counters = Of(endpoint);
        return new CaptureStatus
        {
            CapturedRows = Interlocked.Read(ref counters.Captured),
            PublishedRows = Interlocked.Read(ref counters.Published),
            WaitingRows = Interlocked.Read(ref counters.Waiting),
            LostRows = Interlocked.Read(ref counters.Lost),
        };
    }

    private void Lose(string endpoint, int rows)
    {
        var counters = Of(endpoint);
        Interlocked.Add(ref counters.Lost, rows);
        Interlocked.Add(ref counters.UnreportedLoss, rows);
        InferenceTelemetry.Lost(endpoint, rows);
    }

    private Counters Of(string endpoint) => _counters.GetOrAdd(endpoint, _ => new Counters());

    private sealed class Counters
    {
        public long Captured;
        public long Published;
        public long Waiting;
        public long Lost;
        public long UnreportedLoss;
    }
}
