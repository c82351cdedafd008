namespace MLOpsLearn.Tracking.Data;

/// <summary>A piece of writing that waits for the writer.</summary>
internal abstract class PendingWrite
{
    /// <summary>Whether whoever asked for it went away before it was begun.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Whether it has been answered.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Who runs several writes of its kind at once, cheaper than one after the other; null when nobody does.</summary>
    public virtual IWriteMerger? Merger => null;

    public abstract ValueTask RunAsync(SqlSession session);

    /// <summary>Answers with the result of the last run: it is committed.</summary>
    public abstract void Succeed();

    public abstract void Fail(Exception exception);
}

/// <summary>Runs several writes at once.</summary>
internal interface IWriteMerger
{
    /// <summary>Runs them, or fails each that is refused; a fault is of all of them.</summary>
    ValueTask RunAsync(SqlSession session, IReadOnlyList<PendingWrite> writes);
}

/// <inheritdoc/>
internal abstract class PendingWrite<T>(CancellationToken cancellationToken) : PendingWrite
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Result => _answer.Task;

    public override bool IsDone => _answer.Task.IsCompleted;

    public override bool IsAbandoned
    {
        get
        {
            if (cancellationToken.IsCancellationRequested)
            {
                _answer.TrySetCanceled(cancellationToken);
            }

            return IsDone;
        }
    }

    public override async ValueTask RunAsync(SqlSession session) => _result = await WorkAsync(session);

    public override void Succeed() => _answer.TrySetResult(_result);

    public override void Fail(Exception exception) => _answer.TrySetException(exception);

    protected abstract ValueTask<T> WorkAsync(SqlSession session);
}

/// <summary>Any piece of writing.</summary>
internal sealed class WorkWrite<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken) : PendingWrite<T>(cancellationToken)
{
    protected override ValueTask<T> WorkAsync(SqlSession session) => work(session);
}
