using System.Net;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Artifacts.Storage;
using MLOpsLearn.Tracking.Tests.Artifacts.Storage;

namespace MLOpsLearn.Tracking.Tests.Artifacts;

/// <summary>Artifacts in a bucket: what every store does, and what only a bucket does.</summary>
public sealed class S3ArtifactTests(S3Server s3) : ArtifactTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("XMinioStorageFull", 507, "room")]
    [InlineData("AccessDenied", 503, "credentials (AccessDenied)")]
    [InlineData("NoSuchBucket", 503, "There is no bucket '")]
    [InlineData("InvalidArgument", 503, "InvalidArgument")]
    public async Task What_the_bucket_refuses_is_said_and_leaves_nothing(string code, int status, string said)
    {
        await using var app = await StartAsync();
        var id = await app.StartRunAsync();

        s3.Refuse(app.Bucket, code);
        using var small = await PutAsync(app, Url(id, "a"), "one"u8.ToArray());
        using var large = await PutAsync(app, Url(id, "b"), new byte[9_000_000]);
        using var mlflow = await app.Http.PutAsync($"/api/2.0/mlflow-artifacts/artifacts/0/{id}/artifacts/c", new StringContent("one"), Cancel);
        s3.Refuse(app.Bucket, "");
        using var after = await PutAsync(app, Url(id, "a"), "one"u8.ToArray());

        foreach (var answer in new[] { small, large })
        {
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Contains(said, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        var refusal = JsonDocument.Parse(await mlflow.Content.ReadAsStringAsync(Cancel)).RootElement;
        Assert.Equal((status, status == 507 ? "RESOURCE_EXHAUSTED" : "TEMPORARILY_UNAVAILABLE"), ((int)mlflow.StatusCode, refusal.GetProperty("error_code").GetString()));
        Assert.Contains(said, refusal.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.Single(app.StoredFiles);
        Assert.Single((await app.Client.ListArtifactsAsync(new ListArtifactsRequest { RunId = id }, cancellationToken: Cancel)).Artifacts);
    }

    [Theory]
    [InlineData("Artifacts:AccessKey", "somebody", "credentials")]
    [InlineData("Artifacts:Endpoint", "http://127.0.0.1:9", "can't be reached")]
    [InlineData("Artifacts:Root", "s3://another", "There is no bucket 'another'")]
    public async Task A_bucket_that_can_t_be_used_stops_nothing_but_artifacts(string key, string value, string said)
    {
        await using var app = await TrackingApp.StartAsync(s3: s3, settings: new Dictionary<string, string?> { [key] = value });
        var id = await app.StartRunAsync();

        using var put = await PutAsync(app, Url(id, "a"), "one"u8.ToArray());
        var problem = await put.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, put.StatusCode);
        Assert.Contains(said, JsonDocument.Parse(problem).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("somebody", problem, StringComparison.Ordinal);
        Assert.Empty((await app.Client.ListArtifactsAsync(new ListArtifactsRequest { RunId = id }, cancellationToken: Cancel)).Artifacts);
    }

    [Theory]
    [InlineData("Artifacts:Root", "s3://", "Artifacts__Root")]
    [InlineData("Artifacts:Root", "s3://UPPER/x", "Artifacts__Root")]
    [InlineData("Artifacts:Root", "s3://bucket/../x", "Artifacts__Root")]
    [InlineData("Artifacts:Endpoint", "minio:9000", "Artifacts__Endpoint")]
    [InlineData("Artifacts:Endpoint", "http://user:word@minio:9000", "Artifacts__Endpoint")]
    [InlineData("Artifacts:SecretKey", "", "Artifacts__SecretKey")]
    public async Task Settings_that_can_t_be_are_refused_at_the_start(string key, string value, string named)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TrackingApp.StartAsync(s3: s3, settings: new Dictionary<string, string?> { [key] = value }));

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("word", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_of_the_environment_serve_as_well()
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", S3Server.Key);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", S3Server.Key);
        await using var app = await TrackingApp.StartAsync(
            s3: s3, settings: new Dictionary<string, string?> { ["Artifacts:AccessKey"] = "", ["Artifacts:SecretKey"] = "", ["Artifacts:Region"] = "eu-central-1" });
        var id = await app.StartRunAsync();

        using var put = await PutAsync(app, Url(id, "a"), "one"u8.ToArray());

        Assert.Equal("one", await app.Http.GetStringAsync(Url(id, "a"), Cancel));
    }

    [Fact]
    public async Task What_a_killed_server_had_begun_to_receive_is_gone_after_the_next_start()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-tracking").FullName;
        var bucket = TrackingApp.BucketOf(folder);
        await s3.MakeBucketAsync(bucket);
        using (var client = s3.Connect())
        {
            await client.InitiateMultipartUploadAsync(bucket, $"{TrackingApp.Prefix}/incoming/half", Cancel);
            await StoreAsync(client, "incoming/whole");
            await StoreAsync(client, $"multipart/{new string('a', 32)}/target");
        }

        Assert.Equal(3, s3.FilesOf(bucket).Count());
        await using (var early = await TrackingApp.StartAsync(folder, s3: s3, withRegistry: true))
        {
            var id = await early.StartRunAsync();
            using var put = await PutAsync(early, Url(id, "a"), "one"u8.ToArray());
            await early.Client.CollectGarbageAsync(new CollectGarbageRequest(), cancellationToken: Cancel);
            // Somebody may still be at work on what is young.
            Assert.Equal(4, early.StoredFiles.Count());
        }

        Directory.CreateDirectory(folder);
        await using var app = await TrackingApp.StartAsync(
            folder, s3: s3, settings: new Dictionary<string, string?> { ["Artifacts:AbandonedAfter"] = "00:00:00", ["Artifacts:UploadPatience"] = "00:00:00" });

        await Eventually.HoldsAsync(() => app.StoredFiles.Count() == 1);

        Task StoreAsync(AmazonS3Client client, string name) => client.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = $"{TrackingApp.Prefix}/{name}", ContentBody = "x", UseChunkEncoding = false }, Cancel);
    }

    [Fact]
    public async Task Content_that_a_sweep_took_while_it_was_being_referred_to_is_put_there_anew()
    {
        await using var app = await StartAsync();
        var store = app.Services.GetRequiredService<ArtifactStore>();
        foreach (var size in new[] { 3, 9_000_000 })
        {
            await using var incoming = await store.ReceiveAsync(new MemoryStream(new byte[size]), Cancel);
            await incoming.KeepAsync(Cancel);
            var taken = new StoredObject(ArtifactStore.NameOf(incoming.Sha256), size, DateTime.MaxValue);
            Assert.True(await store.TryTakeAsync(taken, Cancel));
            await store.DropAsync(taken, Cancel);
            Assert.Null(await store.OpenAsync(incoming.Sha256, Cancel));

            await incoming.KeepAsync(Cancel);

            await using var content = await store.OpenAsync(incoming.Sha256, Cancel);
            Assert.Equal(size, content!.Length);
        }

        Assert.Equal(2, app.StoredFiles.Count());
    }

    internal override Task<TrackingApp> StartAsync() => TrackingApp.StartAsync(s3: s3);
}
