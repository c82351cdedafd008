using Aspire.Hosting.Engine;

namespace Aspire.Hosting.Servers;

/// <summary>
/// A broker that was killed within moments of a quorum queue's declaration starts that queue's only member again, but with an empty log, and such
/// a member waits for others to hold an election: the queue takes no message and no consumer, for ever. Here the election is called for it. Nothing that lies in
/// a queue is touched.
/// </summary>
internal static class QuorumQueueElection
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What is still without a leader after ten seconds is named.</summary>
    private const string Program = """
        Node = '{node}',
        Call = fun(Module, Function, Arguments) -> rpc:call(Node, Module, Function, Arguments, 10000) end,
        Queues = [Queue || Queue <- Call(rabbit_amqqueue, list, []), Call(amqqueue, get_type, [Queue]) =:= rabbit_quorum_queue],
        Names = [element(1, Call(amqqueue, get_pid, [Queue])) || Queue <- Queues],
        Leaderless = fun() -> [Name || Name <- Names, Call(ra_leaderboard, lookup_leader, [Name]) =:= undefined] end,
        [Call(ra, trigger_election, [{Name, Node}]) || Name <- Leaderless()],
        Wait = fun(_, 0) -> Leaderless(); (Again, Left) -> case Leaderless() of [] -> []; _ -> timer:sleep(100), Again(Again, Left - 1) end end,
        [io:format("Queue ~s has no leader and can't be used: look into this log for the cause; 'rabbitmqctl delete_queue' gives it up with what lies in it.~n", [Name]) || Name <- Wait(Wait, 100)],
        halt().
        """;

    /// <summary>Null where Erlang's own program is not installed.</summary>
    public static ProcessSpec? Prepare(ProcessSpec broker)
    {
        if (Programs.Find("erl") is not { } erl)
        {
            return null;
        }

        var node = broker.Environment["RABBITMQ_NODENAME"];
        return new ProcessSpec(
            erl,
            [
                "-noinput", "-hidden", "-sname", $"election-{node}", "-kernel", "inet_dist_use_interface", "{127,0,0,1}",
                "-eval", Program.Replace("{node}", node, StringComparison.Ordinal),
            ],
            broker.WorkingDirectory,
            broker.Environment.Where(variable => variable.Key is "HOME" or "ERL_EPMD_PORT" or "ERL_EPMD_ADDRESS").ToDictionary());
    }

    /// <summary>Whether there may be queues of an earlier start.</summary>
    public static bool MayBeNeeded(ProcessSpec broker) => Directory.Exists(broker.Environment["RABBITMQ_MNESIA_BASE"]);

    /// <summary>Calls the elections on a broker that has just come up.</summary>
    /// <remarks>A member that has no leader for another reason, on its way up for instance, loses nothing by an election either.</remarks>
    public static async Task CallAsync(ProcessSpec program, OrphanGuard guard, Action<string> log, TimeProvider time, CancellationToken cancellationToken)
    {
        using var process = ChildProcess.Start(program, guard, log, withheld: ["ERL_"]);
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await process.WaitAsync(both.Token);
        }
        catch (OperationCanceledException)
        {
            await process.StopAsync(TimeSpan.FromSeconds(2));
        }

        guard.Forget(process.Id);
    }
}
