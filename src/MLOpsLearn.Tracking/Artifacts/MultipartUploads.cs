using System.Globalization;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>
/// Uploads that come in parts, each of which may be sent again: a client that lost its connection after gigabytes sends what is missing.
/// The parts lie in a folder of their own until the upload is completed, given up, or a week old.
/// </summary>
internal sealed class MultipartUploads
{
    public const int MostParts = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromDays(7);
    private readonly string _root;
    private readonly ArtifactStore _store;
    private readonly TimeProvider _time;

    public MultipartUploads(IOptions<ArtifactOptions> options, ArtifactStore store, TimeProvider time)
    {
        (_store, _time) = (store, time);
        _root = Path.Combine(Path.GetFullPath(options.Value.Root), "multipart");
        Directory.CreateDirectory(_root);
    }

    /// <summary>Begins an upload to a path; the id names it from now on.</summary>
    public string Begin(string path)
    {
        RemoveOld();
        var id = Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(Path.Combine(_root, id));
        File.WriteAllText(Path.Combine(_root, id, "target"), path);
        return id;
    }

    /// <summary>Whether there is such an upload, to this path when one is given.</summary>
    public bool Exists(string id, string? path = null) =>
        FolderOf(id) is { } folder && File.Exists(Path.Combine(folder, "target")) && (path is null || File.ReadAllText(Path.Combine(folder, "target")) == path);

    /// <summary>Takes a part in. Whatever stops it leaves nothing; a part that comes again replaces the first.</summary>
    /// <returns>The part's tag: the SHA-256 of its content.</returns>
    public async Task<string> ReceiveAsync(string id, int number, Stream content, CancellationToken cancellationToken)
    {
        var folder = FolderOf(id)!;
        using var incoming = await _store.ReceiveAsync(content, cancellationToken);
        foreach (var old in Directory.EnumerateFiles(folder, PartName(number, "*")))
        {
            File.Delete(old);
        }

        incoming.MoveTo(Path.Combine(folder, PartName(number, incoming.Sha256)));
        return incoming.Sha256;
    }

    /// <summary>The parts that are here, by number.</summary>
    public SortedDictionary<int, (string Tag, long SizeBytes)> Parts(string id)
    {
        var parts = new SortedDictionary<int, (string, long)>();
        foreach (var file in new DirectoryInfo(FolderOf(id)!).EnumerateFiles("part-*"))
        {
            var pieces = file.Name.Split('-');
            parts[int.Parse(pieces[1], CultureInfo.InvariantCulture)] = (pieces[2], file.Length);
        }

        return parts;
    }

    /// <summary>Puts parts together, in this order; the caller keeps the whole, then ends the upload.</summary>
    public async Task<IncomingContent> JoinAsync(string id, IEnumerable<(int Number, string Tag)> parts, CancellationToken cancellationToken)
    {
        var folder = FolderOf(id)!;
        await using var whole = new PartsStream([.. parts.Select(part => Path.Combine(folder, PartName(part.Number, part.Tag)))]);
        return await _store.ReceiveAsync(whole, cancellationToken);
    }

    /// <summary>Forgets an upload with its parts.</summary>
    public void End(string id)
    {
        if (FolderOf(id) is { } folder && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void RemoveOld()
    {
        foreach (var folder in new DirectoryInfo(_root).EnumerateDirectories())
        {
            if (_time.GetUtcNow().UtcDateTime - folder.LastWriteTimeUtc > Patience)
            {
                folder.Delete(recursive: true);
            }
        }
    }

    // Only ids of ours become part of a path.
    private string? FolderOf(string id) => id.Length == 32 && id.All(char.IsAsciiHexDigitLower) ? Path.Combine(_root, id) : null;

    private static string PartName(int number, string tag) => string.Create(CultureInfo.InvariantCulture, $"part-{number}-{tag}");
}
