using System.Threading.Channels;

namespace MLOpsLearn.Training.Jobs;

/// <summary>Tells those who watch a job in this process that it changed.</summary>
internal sealed class JobChanges
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Subscription>> _watchers = [];

    public void Notify(string jobId)
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers.GetValueOrDefault(jobId) ?? [])
            {
                watcher.Set();
            }
        }
    }

    public Subscription Watch(string jobId)
    {
        var subscription = new Subscription(this, jobId);
        lock (_lock)
        {
            if (!_watchers.TryGetValue(jobId, out var watchers))
            {
                _watchers[jobId] = watchers = [];
            }

            watchers.Add(subscription);
        }

        return subscription;
    }

    private void Remove(Subscription subscription)
    {
        lock (_lock)
        {
            if (_watchers.TryGetValue(subscription.JobId, out var watchers) && watchers.Remove(subscription) && watchers.Count == 0)
            {
                _watchers.Remove(subscription.JobId);
            }
        }
    }

    /// <summary>One watcher. Changes that come while it looks elsewhere are told as one.</summary>
    internal sealed class Subscription(JobChanges owner, string jobId) : IDisposable
    {
        private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public string JobId => jobId;

        public void Set() => _changed.Writer.TryWrite(true);

        /// <summary>Waits for a change, at most so long: a change made by another process isn't told here.</summary>
        public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
        {
            using var limit = new CancellationTokenSource(longest, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            try
            {
                await _changed.Reader.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
            }
        }

        public void Dispose() => owner.Remove(this);
    }
}
