using System.Globalization;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Client.Spooling;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client;

public sealed partial class MLOpsLearnClient
{
    /// <summary>The tag by which a run that this client started is found again.</summary>
    internal const string ClientRunTag = "mlopslearn.client_run";

    private const int PageSize = 200;

    /// <summary>
    /// Starts a run. End it with <c>await using</c>, after <see cref="ActiveRun.Complete"/>. A server that is away doesn't matter: the run is
    /// kept in <see cref="RunOptions.SpoolFolder"/> and follows later.
    /// </summary>
    /// <param name="options">Experiment, name, tags, spool.</param>
    /// <param name="time">The clock; the system's by default.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ArgumentException">A setting that no run can have.</exception>
    /// <exception cref="RpcException">The server refused the run.</exception>
    public async Task<ActiveRun> StartRunAsync(RunOptions? options = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        options ??= new RunOptions();
        options.ThrowIfInvalid();
        time ??= TimeProvider.System;
        var id = NewRequestId();
        var start = new RunStart(
            new CreateExperimentRequest { RequestId = NewRequestId(), Name = options.Experiment },
            new CreateRunRequest
            {
                RequestId = id,
                Name = options.Name,
                Tags = { new Dictionary<string, string>(options.Tags) { [ClientRunTag] = id } },
                StartTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            },
            RunId: null);
        var delivery = new RunDelivery(this, RunSpool.For(Path.Combine(SpoolOf(options.SpoolFolder), id)), start, options, time);
        try
        {
            await delivery.StartAsync(cancellationToken);
        }
        catch
        {
            delivery.Dispose();
            throw;
        }

        return new ActiveRun(this, delivery, options, time);
    }

    /// <summary>Does work as a run: FINISHED when it ends, FAILED when it throws.</summary>
    /// <exception cref="Exception">What the work threw.</exception>
    public async Task RunAsync(Func<ActiveRun, Task> work, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        await using var run = await StartRunAsync(options, cancellationToken: cancellationToken);
        await work(run);
        run.Complete();
    }

    /// <summary>Sends what ended processes left in the spool for this server. May be called at any time, and again.</summary>
    /// <param name="spoolFolder">As in <see cref="RunOptions.SpoolFolder"/>.</param>
    /// <param name="cancellationToken">Ends it; what was sent by then is not sent again.</param>
    public async Task<SpoolReplay> ReplaySpoolAsync(string? spoolFolder = null, CancellationToken cancellationToken = default)
    {
        var (runs, entries, left, refusals) = (0, 0, 0, new List<string>());
        await foreach (var run in ReplayRunsAsync(spoolFolder, cancellationToken))
        {
            entries += run.Entries;
            refusals.AddRange(run.Refusals);
            (runs, left) = run.State == SpoolState.Sent ? (runs + 1, left) : (runs, left + 1);
        }

        return new SpoolReplay(runs, entries, left, refusals);
    }

    /// <summary>The same run by run, each as soon as it is done with.</summary>
    /// <param name="spoolFolder">As in <see cref="RunOptions.SpoolFolder"/>.</param>
    /// <param name="cancellationToken">Ends it; what was sent by then is not sent again.</param>
    public async IAsyncEnumerable<SpooledRun> ReplayRunsAsync(string? spoolFolder = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = SpoolOf(spoolFolder);
        await TryConnectAsync(cancellationToken);
        // Request ids are made in the order of time.
        foreach (var path in Directory.Exists(folder) ? Directory.GetDirectories(folder).Order(StringComparer.Ordinal).ToArray() : [])
        {
            yield return await ReplayRunAsync(path, cancellationToken);
        }
    }

    private async Task<SpooledRun> ReplayRunAsync(string path, CancellationToken cancellationToken)
    {
        using var spool = RunSpool.TryOpen(path);
        if (spool is null)
        {
            return new SpooledRun(path, "", null, 0, [], SpoolState.InUse);
        }

        RunStart start;
        try
        {
            start = spool.ReadStart();
        }
        catch (InvalidProtocolBufferException exception)
        {
            return new SpooledRun(path, "", null, 0, [$"start: {exception.Message}"], SpoolState.Damaged);
        }

        using var delivery = new RunDelivery(this, spool, start, new RunOptions(), TimeProvider.System);
        var isDone = await delivery.TryReplayAsync(cancellationToken);
        return new SpooledRun(path, start.Experiment.Name, delivery.RunId, delivery.Replayed, delivery.Refusals, isDone ? SpoolState.Sent : SpoolState.Waiting);
    }

    /// <summary>Runs that a filter finds, read page by page as they are taken.</summary>
    /// <param name="filter">For example <c>metrics.rmse &lt; 4 AND (params.model = 'trees' OR tags.team = 'ops')</c>; empty for all.</param>
    /// <param name="experiments">Names of experiments; of every experiment when none is given.</param>
    /// <param name="orderBy">For example "metrics.rmse ASC"; newest first by default.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT for a filter or order that can't be read; NOT_FOUND for an experiment that there isn't.</exception>
    public async IAsyncEnumerable<Run> SearchRunsAsync(
        string filter = "",
        IReadOnlyCollection<string>? experiments = null,
        IReadOnlyCollection<string>? orderBy = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new SearchRunsRequest { Filter = filter, OrderBy = { orderBy ?? [] }, PageSize = PageSize };
        foreach (var name in experiments ?? [])
        {
            request.ExperimentIds.Add(await FindExperimentAsync(name, null, cancellationToken)
                ?? throw new RpcException(new Status(StatusCode.NotFound, $"There is no experiment '{name}'.")));
        }

        do
        {
            var page = await Tracking.SearchRunsAsync(request, cancellationToken: cancellationToken);
            foreach (var run in page.Runs)
            {
                yield return run;
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    /// <summary>Artifacts of a run by path, read page by page as they are taken.</summary>
    /// <exception cref="RpcException">NOT_FOUND.</exception>
    public async IAsyncEnumerable<Artifact> ListArtifactsAsync(string runId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new ListArtifactsRequest { RunId = runId, PageSize = PageSize };
        do
        {
            var page = await Tracking.ListArtifactsAsync(request, cancellationToken: cancellationToken);
            foreach (var artifact in page.Artifacts)
            {
                yield return artifact;
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    internal async Task<long> GetOrCreateExperimentAsync(CreateExperimentRequest request, DateTime? deadline, CancellationToken cancellationToken)
    {
        if (await FindExperimentAsync(request.Name, deadline, cancellationToken) is { } known)
        {
            return known;
        }

        try
        {
            return (await Tracking.CreateExperimentAsync(request, deadline: deadline, cancellationToken: cancellationToken)).ExperimentId;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.AlreadyExists)
        {
            // Another process made it in the meantime.
            return await FindExperimentAsync(request.Name, deadline, cancellationToken)
                ?? throw new RpcException(exception.Status, exception.Trailers, exception.Message);
        }
    }

    private async Task<long?> FindExperimentAsync(string name, DateTime? deadline, CancellationToken cancellationToken)
    {
        var found = await Tracking.ListExperimentsAsync(new ListExperimentsRequest { Name = name, PageSize = 1 }, deadline: deadline, cancellationToken: cancellationToken);
        return found.Experiments.FirstOrDefault()?.ExperimentId;
    }

    /// <summary>Folder of the runs that wait for this server: what was meant for one server must not reach another.</summary>
    /// <param name="spoolFolder">As in <see cref="RunOptions.SpoolFolder"/>.</param>
    public string SpoolOf(string? spoolFolder = null) => Path.Combine(spoolFolder ?? RunOptions.DefaultSpoolFolder, string.Create(CultureInfo.InvariantCulture, $"{Server.Host.Replace(':', '_')}_{Server.Port}"));
}
