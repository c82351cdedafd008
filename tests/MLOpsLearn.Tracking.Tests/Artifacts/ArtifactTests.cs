using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Tests.Artifacts;

/// <summary>What holds for every store of artifacts.</summary>
public abstract class ArtifactTests
{
    // More than waits in memory on the way into a bucket.
    private const int ManyBytes = 20_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(300)]
    [InlineData(300_000)]
    [InlineData(8 * 1024 * 1024)]
    [InlineData((16 * 1024 * 1024) + 1)]
    public async Task What_is_put_is_listed_and_comes_back_whole_and_in_part(int size)
    {
        await using var app = await StartAsync();
        var id = await app.StartRunAsync();
        var bytes = new byte[size];
        new Random(1).NextBytes(bytes);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));

        using var put = await PutAsync(app, Url(id, "model/größe 100%25.bin"), bytes, sha256.ToUpperInvariant());
        var answer = JsonDocument.Parse(await put.Content.ReadAsStringAsync(Cancel)).RootElement;
        var listed = await app.Client.ListArtifactsAsync(new ListArtifactsRequest { RunId = id }, cancellationToken: Cancel);
        using var whole = await app.Http.GetAsync(Url(id, "model/größe 100%25.bin"), Cancel);
        using var part = await app.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Get, Url(id, "model/größe 100%25.bin")) { Headers = { Range = new RangeHeaderValue(100, 199) } }, Cancel);
        using var unchanged = await app.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Get, Url(id, "model/größe 100%25.bin")) { Headers = { IfNoneMatch = { new EntityTagHeaderValue($"\"{sha256}\"") } } }, Cancel);

        var artifact = new Artifact { Path = "model/größe 100%.bin", SizeBytes = size, Sha256 = sha256 };
        Assert.Equal((artifact.Path, size, sha256), (answer.GetProperty("path").GetString(), answer.GetProperty("size_bytes").GetInt64(), answer.GetProperty("sha256").GetString()));
        Assert.Equal(artifact, Assert.Single(listed.Artifacts));
        Assert.Equal(size, whole.Content.Headers.ContentLength);
        Assert.Equal(bytes, await whole.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal($"\"{sha256}\"", whole.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(bytes[100..200], await part.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Single(app.StoredFiles);
    }

    [Fact]
    public async Task The_same_content_again_is_fine_and_other_content_is_refused()
    {
        await using var app = await StartAsync();
        var id = await app.StartRunAsync();

        using var first = await PutAsync(app, Url(id, "a/b.txt"), "one"u8.ToArray());
        using var again = await PutAsync(app, Url(id, "a/b.txt"), "one"u8.ToArray());
        using var other = await PutAsync(app, Url(id, "a/b.txt"), "two"u8.ToArray());
        using var below = await PutAsync(app, Url(id, "a/b.txt/c"), "three"u8.ToArray());
        using var above = await PutAsync(app, Url(id, "a"), "four"u8.ToArray());
        using var beside = await PutAsync(app, Url(id, "a0"), "one"u8.ToArray());

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.OK],
            new[] { first, again, other, below, above, beside }.Select(answer => answer.StatusCode));
        Assert.Equal("application/problem+json", other.Content.Headers.ContentType!.MediaType);
        Assert.Equal("one", await app.Http.GetStringAsync(Url(id, "a/b.txt"), Cancel));
        Assert.Single(app.StoredFiles);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("not a digest")]
    public async Task Content_that_is_not_what_was_announced_leaves_nothing(string announced)
    {
        await using var app = await StartAsync();
        var id = await app.StartRunAsync();

        using var answer = await PutAsync(app, Url(id, "a"), "one"u8.ToArray(), announced);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Empty(app.StoredFiles);
        Assert.Empty((await app.Client.ListArtifactsAsync(new ListArtifactsRequest { RunId = id }, cancellationToken: Cancel)).Artifacts);
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_nothing()
    {
        await using var app = await StartAsync();
        var id = await app.StartRunAsync();

        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync("127.0.0.1", app.Http.BaseAddress!.Port, Cancel);
            await socket.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes($"PUT {Url(id, "half.bin")} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n" + new string('x', ManyBytes)), Cancel);
            await Eventually.HoldsAsync(() => app.StoredFiles.Any());
        }

        await Eventually.HoldsAsync(() => !app.StoredFiles.Any());
        Assert.Empty((await app.Client.ListArtifactsAsync(new ListArtifactsRequest { RunId = id }, cancellationToken: Cancel)).Artifacts);
    }

    [Fact]
    public async Task Content_that_the_store_lost_is_an_error_that_says_so()
    {
        await using var app = await StartAsync();
        var id = await app.StartRunAsync();
        using var put = await PutAsync(app, Url(id, "a"), "one"u8.ToArray());
        File.Delete(app.StoredFiles.Single());

        using var answer = await app.Http.GetAsync(Url(id, "a"), Cancel);

        Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
    }

    [Fact]
    public async Task Pages_give_each_artifact_once_in_order_of_its_path()
    {
        await using var app = await StartAsync();
        var id = await app.StartRunAsync();
        string[] paths = ["b", "a/z", "a-b", "Z", "é", "a/a"];
        foreach (var path in paths)
        {
            using var put = await PutAsync(app, Url(id, path), "same"u8.ToArray());
        }

        var seen = new List<string>();
        var request = new ListArtifactsRequest { RunId = id, PageSize = 2 };
        do
        {
            var page = await app.Client.ListArtifactsAsync(request, cancellationToken: Cancel);
            seen.AddRange(page.Artifacts.Select(artifact => artifact.Path));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(paths.Order(StringComparer.Ordinal), seen);
        Assert.Single(app.StoredFiles);
    }

    internal abstract Task<TrackingApp> StartAsync();

    internal static string Url(string runId, string path) => $"/api/tracking/v1/runs/{runId}/artifacts/{path}";

    internal static async Task<HttpResponseMessage> PutAsync(TrackingApp app, string url, byte[] bytes, string? sha256 = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, url) { Content = new ByteArrayContent(bytes) };
        if (sha256 is not null)
        {
            request.Headers.Add("X-Content-SHA256", sha256);
        }

        return await app.Http.SendAsync(request, Cancel);
    }
}
