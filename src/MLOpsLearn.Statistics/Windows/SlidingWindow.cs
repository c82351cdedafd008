namespace MLOpsLearn.Statistics.Windows;

/// <summary>
/// The merge of the newest panes of a stream, kept by two stacks: each pane is merged a constant number of times however long the window,
/// and nothing is ever subtracted, so any mergeable summary serves. Panes and merges must be immutable values. Not thread-safe.
/// </summary>
/// <typeparam name="T">Summary of a pane, for example <see cref="Numeric.Moments"/>.</typeparam>
/// <param name="panes">Panes in the window, at least 1.</param>
/// <param name="merge">Summary of an older and a newer part taken together; must not change either.</param>
public sealed class SlidingWindow<T>(int panes, Func<T, T, T> merge)
{
    private readonly int _panes = panes >= 1 ? panes : throw new ArgumentOutOfRangeException(nameof(panes), panes, "A window has at least one pane.");

    // The top of the front stack is the oldest pane, with the merge of all of that stack; the back stack holds newer panes as they came.
    private readonly Stack<T> _front = new();
    private readonly List<T> _back = [];
    private T? _backMerged;

    /// <summary>Panes held.</summary>
    public int Count => _front.Count + _back.Count;

    /// <summary>Takes the newest pane and lets go of the oldest when there are too many.</summary>
    public void Add(T pane)
    {
        if (Count == _panes)
        {
            Evict();
        }

        _backMerged = _back.Count == 0 ? pane : merge(_backMerged!, pane);
        _back.Add(pane);
    }

    /// <summary>The window as a whole.</summary>
    /// <returns>False without any pane.</returns>
    public bool TryGetWhole(out T whole)
    {
        whole = (_front.Count, _back.Count) switch
        {
            (0, 0) => default!,
            (0, _) => _backMerged!,
            (_, 0) => _front.Peek(),
            _ => merge(_front.Peek(), _backMerged!),
        };
        return Count > 0;
    }

    private void Evict()
    {
        if (_front.Count == 0)
        {
            for (var i = _back.Count - 1; i >= 0; i--)
            {
                _front.Push(_front.Count == 0 ? _back[i] : merge(_back[i], _front.Peek()));
            }

            _back.Clear();
        }

        _front.Pop();
    }
}
