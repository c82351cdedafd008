using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>Somebody who is called by webhooks.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<int> _answers;

    private Receiver(IEnumerable<int> answers)
    {
        _answers = new ConcurrentQueue<int>(answers);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = Path.GetTempPath() });
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.Map("/{**path}", AnswerAsync);
    }

    public ConcurrentQueue<Call> Calls { get; } = [];

    public Uri Address => new(_app.Urls.First() + "/");

    /// <param name="answers">Statuses, one after another; 200 when they are used up.</param>
    public static async Task<Receiver> StartAsync(params int[] answers)
    {
        var receiver = new Receiver(answers);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var headers = http.Request.Headers;
        Calls.Enqueue(new Call(headers["X-MLflow-Delivery-Id"]!, headers["X-MLflow-Timestamp"]!, headers["X-MLflow-Signature"]!, await reader.ReadToEndAsync(http.RequestAborted)));
        http.Response.StatusCode = _answers.TryDequeue(out var status) ? status : 200;
        http.Response.Headers.Location = "/elsewhere";
        await http.Response.WriteAsync("received", http.RequestAborted);
    }

    /// <summary>What came.</summary>
    internal sealed record Call(string Id, string Timestamp, string Signature, string Body);
}
