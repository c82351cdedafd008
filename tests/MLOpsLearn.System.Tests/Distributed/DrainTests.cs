using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Training.V1;
using InputColumn = MLOpsLearn.Contracts.Inference.V1.InputColumn;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>Services that are asked to end (SIGTERM) while they have work.</summary>
[Collection("processes")]
public sealed class DrainTests : IDisposable
{
    private const string Model = "trip-duration";

    /// <summary>Rows of a call: they fill no batch of captured rows, and the last of those is still open when the service is asked to end.</summary>
    private const int CallRows = 150;

    /// <summary>Milliseconds that an open batch waits for more rows: longer than the end takes.</summary>
    private const string LongDelay = "5000";
    private static readonly DateTime LastDay = new(2024, 3, 31, 0, 0, 0, DateTimeKind.Utc);
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-drain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Services_that_are_asked_to_end_leave_their_work_whole()
    {
        ServerSet.SkipWithoutServers();
        SmallMonths.Write(_folder);
        await using var servers = new ServerSet();
        await servers.StartAsync(FiveServices.Names);
        await using var services = await FiveServices.StartAsync(servers, new Dictionary<string, string> { ["Inference__CaptureDelayMilliseconds"] = LongDelay });
        await services.HealthyAsync();
        using var client = services.Connect();

        await TrainingHandsItsJobOverAsync(services, client);
        await InferenceAnswersAndFlushesAsync(services, client);
    }

    private async Task TrainingHandsItsJobOverAsync(FiveServices services, MLOpsLearnClient client)
    {
        using var demo = ShortLoop.Start(client, _folder);
        var retraining = await demo.RetrainingAsync();

        await TerminateAsync(services, "training");

        await demo.ClosesWithNothingLostOrDoubledAsync(() => $"training ended in job {retraining.JobId}\n{services.Log("training")}");
        var job = await client.Training.GetJobAsync(new GetJobRequest { JobId = retraining.JobId }, cancellationToken: TestContext.Current.CancellationToken);
        // Not by the lease, which would run out later: the one that ended gave it back.
        Assert.Equal((JobState.Succeeded, 2, "The service stopped; the job is taken up again when it runs."), (job.State, job.Attempt, job.Message));
    }

    private static async Task InferenceAnswersAndFlushesAsync(FiveServices services, MLOpsLearnClient client)
    {
        var before = await StatusAsync(client);
        using var load = new Load(services.Grpc("inference"));
        await Eventually.TrueAsync(Patience.Wait, () => load.AnsweredRows > 0);

        await TerminateAsync(services, "inference");
        await load.StopAsync();

        Assert.Equal(0, load.BrokenOff);
        await Eventually.TrueAsync(
            Patience.Wait, async () => (await StatusAsync(client)).StoredRows == before.StoredRows + load.AnsweredRows, $"{load.AnsweredRows} rows were answered on top of {before}.");
        var after = await StatusAsync(client);
        Assert.Equal((0, before.DuplicateRows), (after.LostRows, after.DuplicateRows));
    }

    private static async Task<IngestStatus> StatusAsync(MLOpsLearnClient client) =>
        await client.Monitoring.GetIngestStatusAsync(new GetIngestStatusRequest { Endpoint = Model }, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>SIGTERM; it ends with exit code 0, and the engine starts it again.</summary>
    private static async Task TerminateAsync(FiveServices services, string service)
    {
        var id = services.ProcessIds(service).Single();
        using (var asked = Process.Start("kill", ["-TERM", id.ToString(CultureInfo.InvariantCulture)]))
        {
            await asked.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(Patience.Wait, () => services.Restarts(service) == 1, $"{service} did not end.");
        Assert.True(services.ExitCode(service) == 0, $"exit code {services.ExitCode(service)}\n{services.Log(service)}");
    }

    /// <summary>Callers of the service itself, with nothing in between that would repeat a call.</summary>
    private sealed class Load : IDisposable
    {
        private const int Callers = 4;
        private readonly GrpcChannel _channel;
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        private readonly Task _running;
        private long _answeredRows;
        private long _brokenOff;

        public Load(Uri address)
        {
            _channel = GrpcChannel.ForAddress(address);
            _running = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(CallAsync)));
        }

        public long AnsweredRows => Interlocked.Read(ref _answeredRows);

        /// <summary>Calls that the service had, and did not answer.</summary>
        public long BrokenOff => Interlocked.Read(ref _brokenOff);

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running;
        }

        public void Dispose()
        {
            _stop.Dispose();
            _channel.Dispose();
        }

        private async Task CallAsync()
        {
            var inference = new Inference.InferenceClient(_channel);
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    var answer = await inference.PredictAsync(Request(), cancellationToken: CancellationToken.None);
                    Interlocked.Add(ref _answeredRows, answer.Predictions.Count);
                }
                catch (RpcException exception)
                {
                    // One that found nobody never reached the service.
                    if (exception.Status.DebugException is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
                    {
                        Interlocked.Increment(ref _brokenOff);
                    }

                    await Task.Delay(20, CancellationToken.None);
                }
            }
        }

        private static PredictRequest Request()
        {
            var whole = Enumerable.Repeat(3L, CallRows).ToArray();
            return new PredictRequest
            {
                Endpoint = Model,
                EventTimesMs = { Timestamp.FromDateTime(LastDay).Seconds * 1000 },
                Columns =
                {
                    new InputColumn { Name = "PULocationID", Int64S = new Int64s { Values = { whole } } },
                    new InputColumn { Name = "DOLocationID", Int64S = new Int64s { Values = { whole } } },
                    new InputColumn { Name = "trip_distance", Doubles = new Doubles { Values = { Enumerable.Repeat(1.5, CallRows) } } },
                    new InputColumn { Name = "hour", Int64S = new Int64s { Values = { whole } } },
                    new InputColumn { Name = "weekday", Int64S = new Int64s { Values = { whole } } },
                },
            };
        }
    }
}
