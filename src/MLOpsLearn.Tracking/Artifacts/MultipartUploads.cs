using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using MLOpsLearn.Tracking.Artifacts.Storage;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>
/// Uploads that come in parts, each of which may be sent again: a client that lost its connection after gigabytes sends what is missing.
/// The parts lie beside each other until the upload is completed, given up, or has waited too long.
/// </summary>
internal sealed class MultipartUploads(IObjectStore objects, IOptions<ArtifactOptions> options)
{
    public const int MostParts = 10_000;

    private const string Root = "multipart/";

    /// <summary>Begins an upload to a path; the id names it from now on.</summary>
    public async Task<string> BeginAsync(string path, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(path));
        await using var target = await objects.ReceiveAsync(text, cancellationToken);
        await target.PlaceAsync(TargetOf(id), cancellationToken);
        return id;
    }

    /// <summary>Whether there is such an upload, to this path when one is given.</summary>
    public async Task<bool> ExistsAsync(string id, string? path, CancellationToken cancellationToken)
    {
        // Only ids of ours become part of a name.
        if (id.Length != 32 || !id.All(char.IsAsciiHexDigitLower) || await objects.OpenAsync(TargetOf(id), cancellationToken) is not { } target)
        {
            return false;
        }

        using var reader = new StreamReader(target, Encoding.UTF8);
        return path is null || await reader.ReadToEndAsync(cancellationToken) == path;
    }

    /// <summary>Takes a part in. Whatever stops it leaves nothing; a part that comes again replaces the first.</summary>
    /// <returns>The part's tag: the SHA-256 of its content.</returns>
    public async Task<string> ReceiveAsync(string id, int number, Stream content, CancellationToken cancellationToken)
    {
        await using var incoming = await objects.ReceiveAsync(content, cancellationToken);
        var name = NameOf(id, number, incoming.Sha256);
        await incoming.PlaceAsync(name, cancellationToken);
        await foreach (var part in objects.ListAsync(FolderOf(id), cancellationToken))
        {
            if (part.Name != name && TryRead(part) is { } other && other.Number == number)
            {
                await objects.DeleteAsync(part.Name, cancellationToken);
            }
        }

        return incoming.Sha256;
    }

    /// <summary>The parts that are here, by number.</summary>
    public async Task<SortedDictionary<int, (string Tag, long SizeBytes)>> PartsAsync(string id, CancellationToken cancellationToken)
    {
        var parts = new SortedDictionary<int, (string, long)>();
        await foreach (var stored in objects.ListAsync(FolderOf(id), cancellationToken))
        {
            if (TryRead(stored) is { } part)
            {
                parts[part.Number] = (part.Tag, stored.SizeBytes);
            }
        }

        return parts;
    }

    /// <summary>Puts parts together, in this order; the caller keeps the whole, then ends the upload.</summary>
    public async Task<IncomingObject> JoinAsync(string id, IEnumerable<(int Number, string Tag)> parts, CancellationToken cancellationToken)
    {
        await using var whole = new PartsStream(objects, [.. parts.Select(part => NameOf(id, part.Number, part.Tag))]);
        return await objects.ReceiveAsync(whole, cancellationToken);
    }

    /// <summary>Forgets an upload with its parts.</summary>
    public async Task EndAsync(string id, CancellationToken cancellationToken)
    {
        // The target first: without it no part comes any more.
        await objects.DeleteAsync(TargetOf(id), cancellationToken);
        await foreach (var part in objects.ListAsync(FolderOf(id), cancellationToken))
        {
            await objects.DeleteAsync(part.Name, cancellationToken);
        }
    }

    /// <summary>Forgets uploads whose last part came too long ago.</summary>
    public async Task<int> RemoveOldAsync(CancellationToken cancellationToken)
    {
        var uploads = new Dictionary<string, DateTime>(StringComparer.Ordinal);
        await foreach (var stored in objects.ListAsync(Root, cancellationToken))
        {
            var id = stored.Name[Root.Length..].Split('/')[0];
            uploads[id] = uploads.TryGetValue(id, out var known) && known > stored.Modified ? known : stored.Modified;
        }

        if (uploads.Count == 0)
        {
            return 0;
        }

        var latest = await objects.NowAsync(cancellationToken) - options.Value.UploadPatience;
        var old = uploads.Where(upload => upload.Value <= latest).Select(upload => upload.Key).ToList();
        foreach (var id in old)
        {
            await EndAsync(id, cancellationToken);
        }

        return old.Count;
    }

    private static string FolderOf(string id) => $"{Root}{id}/";

    private static string TargetOf(string id) => FolderOf(id) + "target";

    private static string NameOf(string id, int number, string tag) => string.Create(CultureInfo.InvariantCulture, $"{FolderOf(id)}part-{number}-{tag}");

    private static (int Number, string Tag)? TryRead(StoredObject stored) =>
        stored.LastPart.Split('-') is ["part", var number, var tag] ? (int.Parse(number, CultureInfo.InvariantCulture), tag) : null;
}
