using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace MLOpsLearn.Client.Transfer;

/// <summary>
/// Uploads a large file in parts. Parts that the server has are not sent again: neither after a broken connection nor, since the upload's id is remembered, by
/// another process after this one was ended. The same file again is no fault; artifacts don't change.
/// </summary>
internal sealed class PartUpload(HttpClient http, TimeSpan longestSilence, string runId, string path, string file, Uri artifact)
{
    private const string Api = "api/2.0/mlflow-artifacts/mpu/";
    private const string Scheme = "mlflow-artifacts:/";
    private const long LeastPart = 8L * 1024 * 1024;
    private const int MostParts = 10_000;

    private readonly long _size = new FileInfo(file).Length;

    private long PartBytes => Math.Max(LeastPart, (_size + MostParts - 1) / MostParts);

    private int Parts => (int)((_size + PartBytes - 1) / PartBytes);

    /// <exception cref="HttpRequestException">The server refused it, or is away.</exception>
    public async Task RunAsync(string sha256, CancellationToken cancellationToken)
    {
        if (await IsThereAsync(sha256, cancellationToken))
        {
            return;
        }

        var target = $"{await RootAsync(cancellationToken)}/{path}";
        var memory = new UploadMemory(http.BaseAddress!, runId, path, sha256);
        var known = memory.Read();
        var here = known is null ? null : await ListAsync(known, cancellationToken);
        if (here is null)
        {
            known = await BeginAsync(target, cancellationToken);
            memory.Write(known);
            here = [];
        }

        var tags = new string[Parts];
        for (var number = 1; number <= Parts; number++)
        {
            tags[number - 1] = await SendAsync(known!, number, here.GetValueOrDefault(number), cancellationToken);
        }

        await EndAsync(target, known!, tags, cancellationToken);
        memory.Forget();
        if (!await IsThereAsync(sha256, cancellationToken))
        {
            throw new InvalidDataException($"'{path}' was changed while it was uploaded to run {runId}.");
        }
    }

    private async Task<bool> IsThereAsync(string sha256, CancellationToken cancellationToken)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, artifact) { Headers = { IfNoneMatch = { new EntityTagHeaderValue($"\"{sha256}\"") } } };
        using var answer = await Silence.LimitAsync(longestSilence, silence => http.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead, silence.Token), cancellationToken);
        return answer.StatusCode switch
        {
            HttpStatusCode.NotModified => true,
            HttpStatusCode.NotFound when await IsMissingArtifactAsync(answer, cancellationToken) => false,
            HttpStatusCode.OK => throw new HttpRequestException(
                $"'{path}' could not be uploaded to run {runId}: it exists with other content; artifacts don't change. Choose another path.", null, HttpStatusCode.Conflict),
            _ => throw await RefusedAsync(answer, cancellationToken),
        };
    }

    private static async Task<bool> IsMissingArtifactAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        (await answer.Content.ReadAsStringAsync(cancellationToken)).Contains("artifact-not-found", StringComparison.Ordinal);

    private async Task<string> RootAsync(CancellationToken cancellationToken)
    {
        using var run = await CallAsync(HttpMethod.Get, $"api/2.0/mlflow/runs/get?run_id={Uri.EscapeDataString(runId)}", null, cancellationToken);
        var uri = run!.RootElement.GetProperty("run").GetProperty("info").GetProperty("artifact_uri").GetString()!;
        return uri.StartsWith(Scheme, StringComparison.Ordinal) ? uri[Scheme.Length..].Trim('/')
            : throw new HttpRequestException($"'{path}' could not be uploaded to run {runId}: its artifacts lie at {uri}, which this server does not serve.", null, HttpStatusCode.BadRequest);
    }

    private async Task<string> BeginAsync(string target, CancellationToken cancellationToken)
    {
        var (folder, name) = Split(target);
        using var begun = await CallAsync(HttpMethod.Post, $"{Api}create/{folder}", new { path = name, num_parts = Parts }, cancellationToken);
        return begun!.RootElement.GetProperty("upload_id").GetString()!;
    }

    /// <summary>What the server has of an upload; null when it knows of none.</summary>
    private async Task<Dictionary<int, string>?> ListAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            using var listed = await CallAsync(HttpMethod.Get, $"{Api}parts/{Uri.EscapeDataString(id)}", null, cancellationToken);
            return listed!.RootElement.GetProperty("parts").EnumerateArray()
                .ToDictionary(part => part.GetProperty("part_number").GetInt32(), part => part.GetProperty("etag").GetString()!.Trim('"'));
        }
        catch (HttpRequestException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task<string> SendAsync(string id, int number, string? there, CancellationToken cancellationToken)
    {
        var part = new byte[Math.Min(PartBytes, _size - ((number - 1) * PartBytes))];
        using (var handle = File.OpenHandle(file, options: FileOptions.Asynchronous))
        {
            for (int got, read = 0; read < part.Length; read += got)
            {
                got = await RandomAccess.ReadAsync(handle, part.AsMemory(read), ((number - 1) * PartBytes) + read, cancellationToken);
                if (got == 0)
                {
                    throw new InvalidDataException($"'{file}' became shorter while it was uploaded.");
                }
            }
        }

        var tag = Convert.ToHexStringLower(SHA256.HashData(part));
        if (tag == there)
        {
            return tag;
        }

        await Silence.LimitAsync(
            longestSilence,
            async silence =>
            {
                using var content = new StreamContent(silence.Over(new MemoryStream(part)));
                using var answer = await http.PutAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"{Api}parts/{id}/{number}"), UriKind.Relative), content, silence.Token);
                return answer.IsSuccessStatusCode ? tag : throw await RefusedAsync(answer, silence.Token);
            },
            cancellationToken);
        return tag;
    }

    private async Task EndAsync(string target, string id, string[] tags, CancellationToken cancellationToken)
    {
        var (folder, name) = Split(target);
        var parts = tags.Select((tag, i) => new { part_number = i + 1, etag = tag });
        using var ended = await CallAsync(HttpMethod.Post, $"{Api}complete/{folder}", new { path = name, upload_id = id, parts }, cancellationToken);
    }

    private async Task<JsonDocument?> CallAsync(HttpMethod method, string call, object? body, CancellationToken cancellationToken) => await Silence.LimitAsync(
        longestSilence,
        async silence =>
        {
            using var ask = new HttpRequestMessage(method, new Uri(call, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await http.SendAsync(ask, silence.Token);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonDocument>(silence.Token) : throw await RefusedAsync(answer, silence.Token);
        },
        cancellationToken);

    private async Task<HttpRequestException> RefusedAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        new($"'{path}' could not be uploaded to run {runId}: {await answer.Content.ReadAsStringAsync(cancellationToken)}", null, answer.StatusCode);

    private static (string Folder, string Name) Split(string target)
    {
        var slash = target.LastIndexOf('/');
        return (string.Join('/', target[..slash].Split('/').Select(Uri.EscapeDataString)), target[(slash + 1)..]);
    }
}
