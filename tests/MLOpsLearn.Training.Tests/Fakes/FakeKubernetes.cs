using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static MLOpsLearn.Training.Tests.Fakes.KubernetesAnswers;

namespace MLOpsLearn.Training.Tests.Fakes;

/// <summary>
/// The part of the Kubernetes API that the executor speaks: jobs with watches, secrets, pods. A job that is resumed starts the real worker, with the
/// environment that its container would have; so the manifest is tested by what it does.
/// </summary>
internal sealed class FakeKubernetes : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<Channel<string>, bool> _watches = new();
    private readonly Lock _lock = new();
    private int _version;

    private FakeKubernetes(WebApplication app) => _app = app;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public ConcurrentDictionary<string, V1Job> Jobs { get; } = new();

    public ConcurrentDictionary<string, V1Secret> Secrets { get; } = new();

    public ConcurrentDictionary<string, V1Pod> Pods { get; } = new();

    public ConcurrentDictionary<string, Process> Workers { get; } = new();

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Whether resumed jobs start workers.</summary>
    public bool StartsWorkers { get; set; } = true;

    /// <summary>Answers a request with a status of its own; null lets it through. Gets "METHOD kind".</summary>
    public Func<string, int?> Fault { get; set; } = _ => null;

    /// <summary>Whether a request that <see cref="Fault"/> refuses has its effect all the same: the answer was lost.</summary>
    public bool FaultsAfterwards { get; set; }

    public static async Task<FakeKubernetes> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeKubernetes(app);
        app.Use(fake.FaultAsync);
        const string jobs = "/apis/batch/v1/namespaces/{ns}/jobs";
        app.MapPost(jobs, async (HttpRequest request) => fake.Create(await ReadAsync<V1Job>(request)));
        app.MapGet(jobs, fake.ListAsync);
        app.MapGet(jobs + "/{name}", (string name) => fake.Jobs.TryGetValue(name, out var job) ? Ok(job) : Missing(name));
        app.MapPatch(jobs + "/{name}", (string name) => fake.Resume(name));
        app.MapDelete(jobs + "/{name}", (string name) => fake.Delete(name));
        app.MapPost("/api/v1/namespaces/{ns}/secrets", async (HttpRequest request) => fake.Create(await ReadAsync<V1Secret>(request)));
        app.MapGet("/api/v1/namespaces/{ns}/pods", (string labelSelector) =>
            Ok(new V1PodList { Items = [.. fake.Pods.Values.Where(pod => labelSelector == $"batch.kubernetes.io/job-name={pod.Metadata.Name}")] }));
        await app.StartAsync();
        return fake;
    }

    /// <summary>Starts the worker of a job's pod.</summary>
    public void StartWorker(string name)
    {
        var job = Jobs[name];
        var folder = Directory.CreateTempSubdirectory("pod-").FullName;
        var start = Container(job.Spec.Template.Spec.Containers.Single(), folder, key => Secrets[key.Name].StringData[key.Key]);
        var process = Process.Start(start)!;
        // A container without an open standard input reads its end at once.
        process.StandardInput.Close();
        Workers[job.Metadata.Name] = process;
        Change(job.Metadata.Name, changed => changed.Status.Ready = 1);
        _ = FollowAsync(job.Metadata.Name, process, folder);
    }

    /// <summary>Ends a job as its controller would.</summary>
    public void End(string name, string condition, string? reason = null, string? message = null, V1PodStatus? pod = null)
    {
        Pods[name] = new V1Pod { Metadata = new V1ObjectMeta { Name = name }, Status = pod ?? new V1PodStatus() };
        Change(name, job =>
        {
            job.Status.Ready = 0;
            job.Status.Conditions = [new V1JobCondition { Type = condition, Status = "True", Reason = reason, Message = message }];
        });
    }

    /// <summary>Ends what the watchers hold, as an API server that goes away does.</summary>
    public void DropWatches()
    {
        foreach (var watch in _watches.Keys)
        {
            watch.Writer.TryComplete();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in Workers.Keys)
        {
            KillWorker(name);
        }

        DropWatches();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task FaultAsync(HttpContext context, RequestDelegate next)
    {
        var kind = context.Request.Path.Value!.Split('/').First(part => part is "jobs" or "secrets" or "pods");
        var what = $"{context.Request.Method} {kind}";
        Requests.Enqueue(what);
        if (Fault(what) is not { } code)
        {
            await next(context);
            return;
        }

        if (FaultsAfterwards)
        {
            var body = context.Response.Body;
            context.Response.Body = Stream.Null;
            await next(context);
            context.Response.Body = body;
            context.Abort();
            return;
        }

        await Refusal(code, "refused by the test").ExecuteAsync(context);
    }

    private IResult Create(V1Job job)
    {
        if (job.Metadata.ResourceVersion is not null)
        {
            return Refusal(400, "resourceVersion should not be set on objects to be created");
        }

        lock (_lock)
        {
            job.Metadata.Uid = Guid.NewGuid().ToString();
            job.Metadata.ResourceVersion = NextVersion();
            job.Status = new V1JobStatus();
            return Jobs.TryAdd(job.Metadata.Name, job) ? Ok(job) : Refusal(409, $"jobs.batch \"{job.Metadata.Name}\" already exists");
        }
    }

    private IResult Create(V1Secret secret) =>
        Secrets.TryAdd(secret.Metadata.Name, secret) ? Ok(secret) : Refusal(409, $"secrets \"{secret.Metadata.Name}\" already exists");

    private IResult Resume(string name)
    {
        if (!Jobs.TryGetValue(name, out var job))
        {
            return Missing(name);
        }

        Change(name, resumed => resumed.Spec.Suspend = false);
        if (StartsWorkers)
        {
            StartWorker(name);
        }

        return Ok(job);
    }

    private IResult Delete(string name)
    {
        V1Job? job;
        lock (_lock)
        {
            if (!Jobs.TryRemove(name, out job))
            {
                return Missing(name);
            }
        }

        Secrets.TryRemove(name, out _);
        KillWorker(name);
        Tell("DELETED", job);
        return Results.Text(Status("Success", 200, "").ToJsonString(), "application/json");
    }

    private async Task ListAsync(
        HttpContext context, string? fieldSelector, string? labelSelector, string? resourceVersion, int timeoutSeconds = 30, bool watch = false)
    {
        if (!watch)
        {
            var wanted = (labelSelector ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='));
            var found = Jobs.Values.Where(job => wanted.All(pair => job.Metadata.Labels.TryGetValue(pair[0], out var value) && value == pair[1]));
            await Ok(new V1JobList { Items = [.. found] }).ExecuteAsync(context);
            return;
        }

        var name = fieldSelector!.Split('=')[1];
        var events = Channel.CreateUnbounded<string>();
        lock (_lock)
        {
            _watches[events] = true;
            // What happened since the caller looked is told first.
            if (!Jobs.TryGetValue(name, out var job))
            {
                events.Writer.TryComplete();
            }
            else if (job.Metadata.ResourceVersion != resourceVersion)
            {
                events.Writer.TryWrite(Line("MODIFIED", job));
            }
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(timeoutSeconds));
        await using var ended = limit.Token.Register(() => events.Writer.TryComplete());
        try
        {
            await context.Response.StartAsync();
            await context.Response.Body.FlushAsync();
            await foreach (var line in events.Reader.ReadAllAsync(context.RequestAborted))
            {
                if (line.Contains(name, StringComparison.Ordinal))
                {
                    await context.Response.WriteAsync(line + "\n", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            _watches.TryRemove(events, out _);
        }
    }

    private async Task FollowAsync(string name, Process process, string folder)
    {
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Directory.Delete(folder, recursive: true);
        var code = process.ExitCode;
        End(name, code == 0 ? "Complete" : "Failed", code == 0 ? null : "BackoffLimitExceeded", null, new V1PodStatus
        {
            ContainerStatuses =
            [
                new V1ContainerStatus { State = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = code, Message = errors } } },
            ],
        });
    }

    private void KillWorker(string name)
    {
        if (Workers.TryGetValue(name, out var process) && !process.HasExited)
        {
            process.Kill();
        }
    }

    private void Change(string name, Action<V1Job> change)
    {
        lock (_lock)
        {
            if (Jobs.TryGetValue(name, out var job))
            {
                change(job);
                job.Metadata.ResourceVersion = NextVersion();
                Tell("MODIFIED", job);
            }
        }
    }

    private string NextVersion() => (++_version).ToString(CultureInfo.InvariantCulture);

    private void Tell(string type, V1Job job)
    {
        var line = Line(type, job);
        foreach (var watch in _watches.Keys)
        {
            watch.Writer.TryWrite(line);
        }
    }
}
