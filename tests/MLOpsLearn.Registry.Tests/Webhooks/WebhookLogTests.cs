using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Tests.Data;
using MLOpsLearn.Registry.Tests.Protocols.MLflow;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Tests.Webhooks;

/// <summary>Whatever happens to a webhook, and however much is logged, its secret is in no line.</summary>
public sealed class WebhookLogTests(PostgresFixture postgres)
{
    private const string First = "first-s3cret-of-ours";
    private const string Second = "second-s3cret-of-ours";

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_secret_is_in_no_log(string database)
    {
        await using var receiver = await Receiver.StartAsync(200, 503);
        var lines = new Lines();
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database), builder =>
        {
            builder.Configuration.AddInMemoryCollection(
                [new("Registry:Webhooks:AllowHttp", "true"), new("Registry:Webhooks:AllowPrivateAddresses", "true"), new("Logging:LogLevel:Default", "Trace")]);
            builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(lines).AddFilter<Lines>(category: null, LogLevel.Trace);
        });
        var client = new MLflowClient(app.Http);
        async Task<string> AddAsync(string url) => (await client.PostAsync(
            "webhooks", $$"""{"name": "hook", "url": "{{url}}", "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}], "secret": "{{First}}"}"""))["webhook"].GetProperty("webhook_id").GetString()!;

        // Made, refused and called.
        var id = await AddAsync($"{receiver.Address}x");
        // Where nobody listens.
        var away = await AddAsync("http://127.0.0.1:9/x");
        Assert.Equal(400, (await client.PostAsync("webhooks", $$"""{"name": "-", "url": "ftp://x", "events": [], "secret": "{{First}}"}""")).Status);
        Assert.Equal(400, (await client.PostAsync("webhooks", $$$"""{"name": "n", "secret": {"{{{First}}}": 1}}""")).Status);
        Assert.True((await client.PostAsync($"webhooks/{id}/test", "{}"))["result"].GetProperty("success").GetBoolean());
        Assert.False((await client.PostAsync($"webhooks/{away}/test", "{}"))["result"].GetProperty("success").GetBoolean());

        // Deliveries that fail: one is answered with 503, one with nothing.
        await client.AddModelAsync("m");
        await app.Services.GetRequiredService<WebhookWorker>().SendDueAsync(RegistryApp.Cancel);

        // Another secret, by either contract, and a call that is signed with it.
        Assert.Equal(200, (await client.PatchAsync($"webhooks/{id}", $$"""{"secret": "{{Second}}"}""")).Status);
        await app.Client.UpdateWebhookAsync(new UpdateWebhookRequest { WebhookId = id, Secret = Second }, cancellationToken: RegistryApp.Cancel);
        Assert.True((await client.PostAsync($"webhooks/{id}/test", "{}"))["result"].GetProperty("success").GetBoolean());
        await client.DeleteAsync($"webhooks/{id}", "{}");

        // The lines are there: of the calls, of the statements, and of what the test itself says.
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("test").LogInformation("As {Said}.", "s3cret-of-the-test");
        Assert.Contains(lines.All, line => line.Contains("s3cret-of-the-test", StringComparison.Ordinal));
        Assert.Contains(lines.All, line => line.Contains("INSERT INTO", StringComparison.Ordinal));
        Assert.Contains(lines.All, line => line.Contains($"webhooks/{away}/test", StringComparison.Ordinal));
        foreach (var secret in new[] { First, Second })
        {
            foreach (var form in new[] { secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), Convert.ToHexString(Encoding.UTF8.GetBytes(secret)) })
            {
                Assert.DoesNotContain(lines.All, line => line.Contains(form, StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    /// <summary>Everything that is logged, with its exception, its values and the scopes around it.</summary>
    private sealed class Lines : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose()
        {
        }

        private sealed class Logger(Lines lines, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => lines._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var text = new StringBuilder($"{category}: {formatter(state, exception)} {exception}");
                Add(text, state);
                lines._scopes.ForEachScope(static (scope, text) => Add(text.Append(' ').Append(scope), scope), text);
                lines.All.Enqueue(text.ToString());
            }

            private static void Add(StringBuilder text, object? state)
            {
                foreach (var (key, value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
                {
                    text.Append(' ').Append(key).Append('=').Append(value);
                }
            }
        }
    }
}
