using Grpc.Core;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Tests.Pipelines;

/// <summary>Bad requests get the right status and name the field.</summary>
public sealed class BadRequestTests
{
    private static readonly string[] BadTexts = ["\0", new string('x', 10_000), "a/b", "'; DROP TABLE jobs; --", ""];

    [Fact]
    public async Task Whatever_stands_in_a_name_gives_a_status_of_the_contract()
    {
        await using var host = await TrainingHost.StartAsync();
        foreach (var text in BadTexts)
        {
            foreach (var call in new Func<Task>[]
            {
                () => host.Client.GetPipelineAsync(new GetPipelineRequest { Name = text }).ResponseAsync,
                () => host.Client.GetPipelineAsync(new GetPipelineRequest { Name = "x", Version = -1 }).ResponseAsync,
                () => host.Client.PutPipelineAsync(new PutPipelineRequest { Name = text, Yaml = Trips.Yaml() }).ResponseAsync,
                () => host.Client.PutPipelineAsync(new PutPipelineRequest { Name = "trips", Yaml = text }).ResponseAsync,
                () => host.Client.StartJobAsync(new StartJobRequest { Pipeline = text }).ResponseAsync,
                () => host.Client.StartJobAsync(new StartJobRequest { Pipeline = "x", RequestId = "no uuid" }).ResponseAsync,
                () => host.Client.GetJobAsync(new GetJobRequest { JobId = text }).ResponseAsync,
                () => host.Client.CancelJobAsync(new CancelJobRequest { JobId = text }).ResponseAsync,
                () => host.Client.ListJobsAsync(new ListJobsRequest { PageSize = -1 }).ResponseAsync,
                () => host.Client.ListJobsAsync(new ListJobsRequest { PageSize = 1001 }).ResponseAsync,
                () => host.Client.ListJobsAsync(new ListJobsRequest { State = (JobState)99 }).ResponseAsync,
                () => host.Client.ListJobsAsync(new ListJobsRequest { PageToken = "not ours" }).ResponseAsync,
                () => host.Client.ListDecisionsAsync(new ListDecisionsRequest { PageToken = "%" }).ResponseAsync,
            })
            {
                var fault = await Assert.ThrowsAsync<RpcException>(call);
                Assert.Contains(fault.StatusCode, new[] { StatusCode.InvalidArgument, StatusCode.NotFound });
                Assert.DoesNotContain("   at ", fault.Status.Detail, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Every_fault_of_a_specification_is_named_with_its_path()
    {
        await using var host = await TrainingHost.StartAsync();
        const string yaml = """
            name: trips
            model: m
            dataset: { name: d }
            features: [{ name: x, kind: strange }]
            target: {}
            trainer: { kind: lightgbm, leaves: 1 }
            surprise: 1
            """;

        var fault = await Assert.ThrowsAsync<RpcException>(() =>
            host.Client.PutPipelineAsync(new PutPipelineRequest { Name = "trips", Yaml = yaml }).ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.All(
            new[] { "yaml.features[0].kind", "yaml.target.name", "yaml.trainer.leaves", "yaml.surprise" },
            path => Assert.Contains(path, fault.Status.Detail, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("file:/etc/passwd")]
    [InlineData("file:relative.parquet")]
    [InlineData("runs:/0123/trips.parquet")]
    [InlineData("runs:/0123456789abcdef0123456789abcdef/../x.parquet")]
    [InlineData("https://example.org/x.parquet")]
    [InlineData("")]
    public async Task An_input_that_is_no_run_and_no_file_below_a_data_root_is_refused(string uri)
    {
        await using var host = await TrainingHost.StartAsync();

        var fault = await Assert.ThrowsAsync<RpcException>(() => host.StartJobAsync(Trips.Yaml(), new JobInput { Files = new Files { Uris = { uri } } }));

        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.Contains("input.files.uris[0]", fault.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_start_gives_the_first_job_again_and_an_equal_text_keeps_the_version()
    {
        await using var host = await TrainingHost.StartAsync(settings: ("Training:WorkerPath", "/nowhere/worker.dll"));
        var input = host.Neighbours.UploadedInput("trips.parquet", []);
        var first = await host.Client.PutPipelineAsync(new PutPipelineRequest { Name = "trips", Yaml = Trips.Yaml() });
        var second = await host.Client.PutPipelineAsync(new PutPipelineRequest { Name = "trips", Yaml = Trips.Yaml() });
        var third = await host.Client.PutPipelineAsync(new PutPipelineRequest { Name = "trips", Yaml = Trips.Yaml(target: "{ name: duration }") });
        var request = new StartJobRequest { RequestId = Guid.CreateVersion7().ToString(), Pipeline = "trips", Input = input };

        var job = await host.Client.StartJobAsync(request);
        var again = await host.Client.StartJobAsync(request);

        Assert.Equal((1, 1, 2), (first.Version, second.Version, third.Version));
        Assert.Equal(job.JobId, again.JobId);
        Assert.Equal(2, again.PipelineVersion);
        Assert.Single((await host.Client.ListPipelinesAsync(new ListPipelinesRequest())).Pipelines);
        Assert.Single((await host.Client.ListJobsAsync(new ListJobsRequest())).Jobs);
    }

    [Fact]
    public async Task A_fault_of_the_data_fails_the_job_at_once_with_one_clear_message()
    {
        await using var host = await TrainingHost.StartAsync();
        var job = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("trips.parquet", "not parquet"u8.ToArray()));

        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Failed, 1), (job.State, job.Attempt));
        Assert.StartsWith("Input 'runs:/", job.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_page_by_page()
    {
        await using var host = await TrainingHost.StartAsync(settings: ("Training:WorkerPath", "/nowhere/worker.dll"));
        var started = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            started.Add((await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("trips.parquet", []))).JobId);
        }

        var (listed, token) = (new List<string>(), "");
        do
        {
            var page = await host.Client.ListJobsAsync(new ListJobsRequest { PageSize = 2, PageToken = token });
            Assert.InRange(page.Jobs.Count, 1, 2);
            listed.AddRange(page.Jobs.Select(job => job.JobId));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(started.AsEnumerable().Reverse(), listed);
    }
}
