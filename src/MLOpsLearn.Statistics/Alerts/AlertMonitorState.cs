namespace MLOpsLearn.Statistics.Alerts;

/// <summary>
/// State of a monitor between evaluations. Pure and immutable: <see cref="Next"/> gives the following state. All members are plain
/// values, so it can be stored and restored. Evaluations come in window order, each exactly once.
/// </summary>
public sealed record AlertMonitorState
{
    /// <summary>The state before the first evaluation.</summary>
    public static AlertMonitorState Initial { get; } = new();

    /// <summary>Where the monitor stands.</summary>
    public AlertPhase Phase { get; init; }

    /// <summary>Consecutive breaches.</summary>
    public int Breaches { get; init; }

    /// <summary>Consecutive clear values while firing.</summary>
    public int Clears { get; init; }

    /// <summary>Consecutive undefined evaluations.</summary>
    public int Undefined { get; init; }

    /// <summary>Whether it was firing when data went missing.</summary>
    public bool WasFiring { get; init; }

    /// <summary>Index of the last firing, refired or renotify event.</summary>
    public long? LastNotified { get; init; }

    /// <summary>Index of the last resolved event.</summary>
    public long? LastResolved { get; init; }

    /// <summary>Processes one evaluation.</summary>
    /// <param name="config">Limits and patience.</param>
    /// <param name="value">The value; null (or NaN) when undefined.</param>
    /// <param name="index">Number of the evaluation; grows by one each time, undefined ones included.</param>
    /// <returns>The state after it and its events in order; a step has at most three.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public (AlertMonitorState State, IReadOnlyList<AlertEvent> Events) Next(AlertMonitorConfig config, double? value, long index)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Check();
        if (value is not { } number || double.IsNaN(number))
        {
            var count = Undefined + 1;
            return count == config.NoDataAfter
                ? (this with { Undefined = count, Phase = AlertPhase.NoData, WasFiring = Phase == AlertPhase.Firing }, [AlertEvent.NoData])
                : (this with { Undefined = count }, []);
        }

        var events = new List<AlertEvent>(3);
        var state = this with { Undefined = 0 };
        if (Phase == AlertPhase.NoData)
        {
            events.Add(AlertEvent.DataBack);
            state = state with { Phase = WasFiring ? AlertPhase.Firing : AlertPhase.Ok, Clears = 0, Breaches = WasFiring ? Breaches : 0 };
        }

        state = state.Phase == AlertPhase.Firing
            ? state.WhileFiring(config, number, index, events)
            : state.WhileQuiet(config, number, index, events);
        return (state, events);
    }

    private AlertMonitorState WhileQuiet(AlertMonitorConfig config, double value, long index, List<AlertEvent> events)
    {
        if (!config.IsBreach(value))
        {
            if (Phase == AlertPhase.Pending)
            {
                events.Add(AlertEvent.Cancelled);
            }

            return this with { Phase = AlertPhase.Ok, Breaches = 0 };
        }

        var breaches = Breaches + 1;
        if (breaches < config.For)
        {
            if (Phase == AlertPhase.Ok)
            {
                events.Add(AlertEvent.Pending);
            }

            return this with { Phase = AlertPhase.Pending, Breaches = breaches };
        }

        events.Add(index - LastResolved <= config.Cooldown ? AlertEvent.Refired : AlertEvent.Firing);
        return this with { Phase = AlertPhase.Firing, Breaches = breaches, Clears = 0, LastNotified = index };
    }

    private AlertMonitorState WhileFiring(AlertMonitorConfig config, double value, long index, List<AlertEvent> events)
    {
        if (config.IsClear(value))
        {
            var clears = Clears + 1;
            if (clears < config.ClearFor)
            {
                return this with { Clears = clears };
            }

            events.Add(AlertEvent.Resolved);
            return this with { Phase = AlertPhase.Ok, Breaches = 0, Clears = 0, LastResolved = index };
        }

        if (config.RenotifyEvery > 0 && index - LastNotified >= config.RenotifyEvery)
        {
            events.Add(AlertEvent.Renotify);
            return this with { Clears = 0, LastNotified = index };
        }

        return this with { Clears = 0 };
    }
}
