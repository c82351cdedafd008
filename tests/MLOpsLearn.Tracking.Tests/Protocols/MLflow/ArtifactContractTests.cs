using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using MLOpsLearn.Tracking.Tests.Artifacts.Storage;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>Artifacts through the server, as MLflow's clients move them, whatever keeps them.</summary>
public abstract class ArtifactContractTests(MLflowServers servers, S3Server? s3)
{
    private const string Store = "/api/2.0/mlflow-artifacts/artifacts";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Files_are_put_replaced_listed_read_in_part_and_deleted(string database)
    {
        var client = await servers.ClientAsync(database, s3);
        var (run, root) = await RunAsync(client);

        Assert.Equal("{}", await PutAsync(client, $"{root}/model/MLmodel", "flavors: {}"));
        Assert.Equal("{}", await PutAsync(client, $"{root}/model/MLmodel", "flavors: {a: 1}"));
        await PutAsync(client, $"{root}/model/data/weights.bin", "0123456789");
        await PutAsync(client, $"{root}/empty.txt", "");
        await PutAsync(client, $"{root}/a b:c?.html", "<b>");

        Assert.Equal(
            """{"files":[{"path":"a b:c?.html","is_dir":false,"file_size":3},{"path":"empty.txt","is_dir":false,"file_size":0},{"path":"model","is_dir":true}]}""",
            (await client.GetAsync($"/ajax-api/2.0/mlflow-artifacts/artifacts?path={root}")).ToJsonString());
        Assert.Equal("""{"files":[{"path":"MLmodel","is_dir":false,"file_size":15},{"path":"data","is_dir":true}]}""", (await client.GetAsync($"{Store}?path={root}/model/")).ToJsonString());
        Assert.Equal("{}", (await client.GetAsync($"{Store}?path={root}/model/MLmodel")).ToJsonString());
        Assert.Equal("{}", (await client.GetAsync($"{Store}?path={root}/none")).ToJsonString());
        Assert.Equal(
            $$"""{"root_uri":"mlflow-artifacts:/{{root}}","files":[{"path":"model/MLmodel","is_dir":false,"file_size":15},{"path":"model/data","is_dir":true}]}""",
            (await client.GetAsync($"artifacts/list?run_id={run}&path=model")).ToJsonString());
        Assert.Equal($$"""{"root_uri":"mlflow-artifacts:/{{root}}"}""", (await client.GetAsync($"artifacts/list?run_uuid={run}&path=model/MLmodel")).ToJsonString());

        using var whole = await client.Http.GetAsync($"{Store}/{root}/model/MLmodel", Cancel);
        Assert.Equal(("text/plain", "attachment; filename=MLmodel; filename*=UTF-8''MLmodel", "flavors: {a: 1}"), (
            whole.Content.Headers.ContentType!.MediaType, whole.Content.Headers.ContentDisposition!.ToString(), await whole.Content.ReadAsStringAsync(Cancel)));
        Assert.Equal("nosniff", whole.Headers.GetValues("X-Content-Type-Options").Single());
        using var ask = new HttpRequestMessage(HttpMethod.Get, $"{Store}/{root}/model/data/weights.bin") { Headers = { Range = new RangeHeaderValue(3, 5) } };
        using var part = await client.Http.SendAsync(ask, Cancel);
        Assert.Equal((HttpStatusCode.PartialContent, "345", "application/octet-stream"), (part.StatusCode, await part.Content.ReadAsStringAsync(Cancel), part.Content.Headers.ContentType!.MediaType));
        Assert.Equal("0123456789", await client.Http.GetStringAsync($"/get-artifact?run_uuid={run}&path=model%2Fdata%2Fweights.bin", Cancel));
        Assert.Equal("<b>", await client.Http.GetStringAsync($"{Store}/{root}/a%20b:c%3F.html", Cancel));
        await client.GetRefusedAsync($"{Store}/{root}/none", "RESOURCE_DOES_NOT_EXIST", 404);
        await client.GetRefusedAsync($"{Store}/{root}/model", "RESOURCE_DOES_NOT_EXIST", 404);
        await client.GetRefusedAsync($"/get-artifact?run_id={run}");
        await client.GetRefusedAsync($"artifacts/list?run_id={new string('f', 32)}", "RESOURCE_DOES_NOT_EXIST", 404);

        Assert.Equal("{}", await DeleteAsync(client, $"{root}/model"));
        Assert.Equal("{}", await DeleteAsync(client, $"{root}/model"));
        Assert.Equal(["a b:c?.html", "empty.txt"], Names(await client.GetAsync($"{Store}?path={root}")));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Our_own_contract_sees_the_same_files_and_sends_them_all_as_a_zip(string database)
    {
        var client = await servers.ClientAsync(database, s3);
        var (run, root) = await RunAsync(client);
        for (var i = 0; i < 30; i++)
        {
            await PutAsync(client, $"{root}/d{i % 3}/f{i}.txt", $"content {i}");
        }

        var listed = await client.App.Client.ListArtifactsAsync(new() { RunId = run }, cancellationToken: Cancel);
        using var zip = new ZipArchive(await client.Http.GetStreamAsync($"/api/tracking/v1/runs/{run}/artifacts.zip", Cancel));
        using var missing = await client.Http.GetAsync($"/api/tracking/v1/runs/{new string('f', 32)}/artifacts.zip", Cancel);

        Assert.Equal(listed.Artifacts.Select(file => file.Path), zip.Entries.Select(entry => entry.FullName));
        using var reader = new StreamReader(zip.GetEntry("d1/f4.txt")!.Open());
        Assert.Equal("content 4", await reader.ReadToEndAsync(Cancel));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Full_folders_are_skipped_over_and_files_of_no_run_have_a_place(string database)
    {
        var client = await servers.ClientAsync(database, s3);
        var root = $"0/models/m-{Guid.NewGuid():N}/artifacts";
        await Parallel.ForAsync(0, 1100, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancel }, async (i, _) => await PutAsync(client, $"{root}/full/f{i}", "x"));
        await PutAsync(client, $"{root}/full.txt", "x");
        await PutAsync(client, $"{root}/z", "x");

        Assert.Equal(["full", "full.txt", "z"], Names(await client.GetAsync($"{Store}?path={root}")));
        Assert.Equal(1100, Names(await client.GetAsync($"{Store}?path={root}/full")).Count);
        using var below = await SendAsync(client, HttpMethod.Put, $"{Store}/{root}/z/below", "x");
        using var over = await SendAsync(client, HttpMethod.Put, $"{Store}/{root}/full", "x");
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (below.StatusCode, over.StatusCode));
        await DeleteAsync(client, root);
        Assert.Equal("{}", (await client.GetAsync($"{Store}?path={root}")).ToJsonString());
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task An_upload_in_parts_is_resumed_and_put_together(string database)
    {
        var client = await servers.ClientAsync(database, s3);
        var (_, root) = await RunAsync(client);
        var begun = await client.PostAsync($"/api/2.0/mlflow-artifacts/mpu/create/{root}/model", new { path = "big.bin", num_parts = 3 });
        var id = (string)begun["upload_id"]!;
        var urls = begun["credentials"]!.AsArray().Select(credential => new Uri((string)credential!["url"]!)).ToList();

        var tags = new List<string>();
        foreach (var (url, i) in urls.Select((url, i) => (url, i)))
        {
            using var first = await client.Http.PutAsync(url, new StringContent("lost"), Cancel);
            using var again = await client.Http.PutAsync(url, new StringContent(new string((char)('a' + i), 100_000)), Cancel);
            tags.Add(again.Headers.ETag!.Tag);
        }

        Assert.Equal(tags, (await client.GetAsync($"/api/2.0/mlflow-artifacts/mpu/parts/{id}"))["parts"]!.AsArray().Select(part => (string)part!["etag"]!));
        object Parts(params int[] numbers) => new { path = "big.bin", upload_id = id, parts = numbers.Select(number => new { part_number = number, etag = tags[number - 1], url = urls[number - 1] }) };
        await client.RefusedAsync($"/api/2.0/mlflow-artifacts/mpu/complete/{root}/model", Parts(2, 1));
        await client.RefusedAsync($"/api/2.0/mlflow-artifacts/mpu/complete/{root}/other", Parts(1, 2, 3), "RESOURCE_DOES_NOT_EXIST", 404);
        await client.PostAsync($"/api/2.0/mlflow-artifacts/mpu/complete/{root}/model", Parts(1, 2, 3));

        var whole = await client.Http.GetStringAsync($"{Store}/{root}/model/big.bin", Cancel);
        Assert.Equal(new string('a', 100_000) + new string('b', 100_000) + new string('c', 100_000), whole);
        using var late = await client.Http.PutAsync(urls[0], new StringContent("x"), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
        var other = (string)(await client.PostAsync($"/api/2.0/mlflow-artifacts/mpu/create/{root}", new { path = "b", num_parts = 1 }))["upload_id"]!;
        await client.PostAsync($"/api/2.0/mlflow-artifacts/mpu/abort/{root}", new { path = "b", upload_id = other });
        await client.GetRefusedAsync($"/api/2.0/mlflow-artifacts/mpu/parts/{other}", "RESOURCE_DOES_NOT_EXIST", 404);
        await client.RefusedAsync($"/api/2.0/mlflow-artifacts/mpu/create/{root}", new { path = "b", num_parts = 0 });
        await client.GetRefusedAsync($"/api/2.0/mlflow-artifacts/presigned/{root}/b", "NOT_IMPLEMENTED", 501);
    }

    [Fact]
    public async Task A_browser_uploads_small_files_directly()
    {
        var client = await servers.ClientAsync("sqlite", s3);
        var (run, root) = await RunAsync(client);

        using var small = await client.Http.PostAsync($"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=a%2Fb.txt", new StringContent("hi"), Cancel);
        using var large = await client.Http.PostAsync($"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=c", new ByteArrayContent(new byte[(10 * 1024 * 1024) + 1]), Cancel);

        Assert.Equal((HttpStatusCode.OK, ""), (small.StatusCode, await small.Content.ReadAsStringAsync(Cancel)));
        Assert.Equal("hi", await client.Http.GetStringAsync($"{Store}/{root}/a/b.txt", Cancel));
        Assert.Equal(HttpStatusCode.BadRequest, large.StatusCode);
        await client.RefusedAsync("artifacts/presigned-upload-url", new { run_id = run, path = "x" });
    }

    [Theory]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("a/%252e%252e/%252e%252e/b")]
    [InlineData("a/..%252f..%252fb")]
    [InlineData("%25252e%25252e/x")]
    [InlineData("%2fetc/passwd")]
    [InlineData("C:%5cwindows")]
    [InlineData("C:/windows")]
    [InlineData("a%5c..%5cb")]
    [InlineData("a%23b")]
    [InlineData("a%00b")]
    public async Task Paths_that_lead_out_are_refused_everywhere(string path)
    {
        var client = await servers.ClientAsync("sqlite", s3);
        var (run, root) = await RunAsync(client);
        var before = client.App.StoredFiles.Count();
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete })
        {
            // Sent as it is: HttpClient would tidy it up.
            var answer = await RawAsync(client, $"{method} {Store}/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            Assert.True(answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 404", StringComparison.Ordinal), answer);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await client.TryGetAsync($"{Store}?path={path}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.TryGetAsync($"artifacts/list?run_id={run}&path={path}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.TryGetAsync($"/get-artifact?run_id={run}&path={path}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.TryPostAsync($"/api/2.0/mlflow-artifacts/mpu/create/{root}", new { path = Uri.UnescapeDataString(path), num_parts = 1 })).Status);
        Assert.Equal(before, client.App.StoredFiles.Count());
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_nothing()
    {
        await using var app = await TrackingApp.StartAsync(s3: s3);
        var client = new MLflowClient(app.Http) { App = app };
        var (_, root) = await RunAsync(client);

        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync("127.0.0.1", app.Http.BaseAddress!.Port, Cancel);
            await socket.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes($"PUT {Store}/{root}/half.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n" + new string('x', 20_000_000)), Cancel);
            await Eventually.HoldsAsync(() => app.StoredFiles.Any());
        }

        await Eventually.HoldsAsync(() => !app.StoredFiles.Any());
        Assert.Equal("{}", (await client.GetAsync($"{Store}?path={root}")).ToJsonString());
    }

    private static async Task<(string Run, string Root)> RunAsync(MLflowClient client)
    {
        var run = await client.NewRunAsync();
        return (run, $"0/{run}/artifacts");
    }

    private static List<string> Names(JsonNode listing) => [.. (listing["files"]?.AsArray() ?? []).Select(file => (string)file!["path"]!)];

    private static async Task<string> PutAsync(MLflowClient client, string path, string content)
    {
        using var response = await SendAsync(client, HttpMethod.Put, $"{Store}/{path.Replace("?", "%3F", StringComparison.Ordinal)}", content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    private static async Task<string> DeleteAsync(MLflowClient client, string path)
    {
        using var response = await client.Http.DeleteAsync($"{Store}/{path}", Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    private static async Task<HttpResponseMessage> SendAsync(MLflowClient client, HttpMethod method, string url, string content)
    {
        using var request = new HttpRequestMessage(method, url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(content)) };
        return await client.Http.SendAsync(request, Cancel);
    }

    private static async Task<string> RawAsync(MLflowClient client, string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", client.Http.BaseAddress!.Port, Cancel);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Cancel);
        using var reader = new StreamReader(socket.GetStream());
        return await reader.ReadToEndAsync(Cancel);
    }
}

/// <summary>In a folder.</summary>
public sealed class FolderArtifactContractTests(MLflowServers servers) : ArtifactContractTests(servers, null);

/// <summary>In a bucket.</summary>
public sealed class S3ArtifactContractTests(MLflowServers servers, S3Server s3) : ArtifactContractTests(servers, s3);
