using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Tests.Data;
using MLOpsLearn.Registry.Tests.Protocols.MLflow;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Tests.Webhooks;

/// <summary>A secret can be used, and not be read where it is stored.</summary>
public sealed class WebhookSecretTests(PostgresFixture postgres)
{
    private const string Secret = "s3cret-of-ours";

    private static CancellationToken Cancel => RegistryApp.Cancel;

    [Fact]
    public async Task A_replica_signs_with_a_secret_that_another_one_stored()
    {
        await using var receiver = await Receiver.StartAsync();
        var database = await postgres.DatabaseAsync("postgres");
        await using var first = await RegistryApp.StartAsync(database, Allow);
        await using var second = await RegistryApp.StartAsync(database, Allow);
        var id = await HookAsync(first, receiver);
        var other = await HookAsync(second, receiver);

        Assert.Equal(200, (await new MLflowClient(second.Http).PostAsync($"webhooks/{id}/test", "{}"))["result"].GetProperty("response_status").GetInt32());
        Assert.Equal(200, (await new MLflowClient(first.Http).PostAsync($"webhooks/{other}/test", "{}"))["result"].GetProperty("response_status").GetInt32());

        Assert.Equal(2, receiver.Calls.Count);
        Assert.All(receiver.Calls, IsSigned);
        Assert.All(await StoredAsync(first), stored => Assert.DoesNotContain(Secret, stored, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_secret_that_an_older_build_stored_as_it_came_is_encrypted_and_goes_on_signing(string kind)
    {
        await using var receiver = await Receiver.StartAsync();
        var folder = Directory.CreateTempSubdirectory("mlops-webhooks");
        var database = await postgres.DatabaseAsync(kind) ?? $"Data Source={Path.Combine(folder.FullName, "registry.db")}";
        var id = Guid.NewGuid().ToString();
        await StoreAsOlderBuildAsync(kind, database, id, $"{receiver.Address}x");
        await using (var app = await RegistryApp.StartAsync(database, Allow))
        {
            Assert.Equal([Secret], await StoredAsync(app));
            app.Time.Advance(TimeSpan.FromSeconds(1.1));
            var stored = await Eventually.SeeAsync(() => StoredAsync(app), all => all[0] != Secret);
            var tested = await new MLflowClient(app.Http).PostAsync($"webhooks/{id}/test", "{}");

            Assert.DoesNotContain(Secret, stored[0], StringComparison.Ordinal);
            Assert.True(tested["result"].GetProperty("success").GetBoolean());
            IsSigned(Assert.Single(receiver.Calls));
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Keys_lie_in_a_folder_of_their_own_and_without_them_nothing_is_sent()
    {
        await using var receiver = await Receiver.StartAsync();
        var folder = Directory.CreateTempSubdirectory("mlops-webhooks");
        var database = await postgres.DatabaseAsync("postgres");
        string id;
        await using (var app = await RegistryApp.StartAsync(database, builder => WithKeys(builder, Path.Combine(folder.FullName, "a"))))
        {
            id = await HookAsync(app, receiver);
            Assert.Equal(0, await app.Services.CreateScope().ServiceProvider.GetRequiredService<RegistryDbContext>().Set<SecretKey>().CountAsync(Cancel));
        }

        var key = Assert.Single(Directory.GetFiles(Path.Combine(folder.FullName, "a")));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        }

        await using (var app = await RegistryApp.StartAsync(database, builder => WithKeys(builder, Path.Combine(folder.FullName, "b"))))
        {
            var tested = await new MLflowClient(app.Http).PostAsync($"webhooks/{id}/test", "{}");

            Assert.Contains("its key is gone", tested["result"].GetProperty("error_message").GetString(), StringComparison.Ordinal);
            Assert.Empty(receiver.Calls);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_stored_secret_is_of_no_use_for_another_webhook()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await RegistryApp.StartAsync(null, Allow);
        var (id, other) = (await HookAsync(app, receiver), await HookAsync(app, receiver));
        await using var scope = app.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        var stolen = (await context.Webhooks.AsNoTracking().SingleAsync(webhook => webhook.Id == id, Cancel)).Secret;
        await context.Webhooks.Where(webhook => webhook.Id == other).ExecuteUpdateAsync(set => set.SetProperty(webhook => webhook.Secret, stolen), Cancel);

        var tested = await new MLflowClient(app.Http).PostAsync($"webhooks/{other}/test", "{}");

        Assert.False(tested["result"].GetProperty("success").GetBoolean());
        Assert.Empty(receiver.Calls);
    }

    private static void IsSigned(Receiver.Call call) => Assert.Equal(
        $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{call.Id}.{call.Timestamp}.{call.Body}")))}", call.Signature);

    private static async Task<List<string>> StoredAsync(RegistryApp app)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RegistryDbContext>().Webhooks.Select(webhook => webhook.Secret!).ToListAsync(Cancel);
    }

    private static async Task<string> HookAsync(RegistryApp app, Receiver receiver)
    {
        var reply = await new MLflowClient(app.Http).PostAsync(
            "webhooks", $$"""{"name": "hook", "url": "{{receiver.Address}}x", "events": [{"entity": "PROMPT", "action": "CREATED"}], "secret": "{{Secret}}"}""");
        return reply["webhook"].GetProperty("webhook_id").GetString()!;
    }

    /// <summary>The database as the build before left it.</summary>
    private static async Task StoreAsOlderBuildAsync(string kind, string database, string id, string url)
    {
        await using RegistryDbContext context = kind == "sqlite"
            ? new SqliteRegistryDbContext(new DbContextOptionsBuilder<SqliteRegistryDbContext>().UseSqlite(database).Options)
            : new PostgresRegistryDbContext(new DbContextOptionsBuilder<PostgresRegistryDbContext>().UseNpgsql(database).Options);
        await context.GetService<IMigrator>().MigrateAsync("MlflowRegistry", Cancel);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO webhooks ("Id", "Workspace", "Name", "Url", "Events", "Secret", "IsActive", "CreatedAt", "UpdatedAt")
            VALUES ({id}, 'default', 'old', {url}, 'PROMPT.CREATED', {Secret}, {true}, 0, 0)
            """,
            Cancel);
    }

    private static void Allow(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(
        [new("Registry:Webhooks:AllowHttp", "true"), new("Registry:Webhooks:AllowPrivateAddresses", "true")]);

    private static void WithKeys(WebApplicationBuilder builder, string folder)
    {
        Allow(builder);
        builder.Configuration["Registry:Webhooks:KeyFolder"] = folder;
    }
}
