using System.CommandLine;
using System.Globalization;
using MLOpsLearn.Cli.Transfer;
using MLOpsLearn.Client;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops artifacts list|download|upload</c>: the files of a run.</summary>
internal static class ArtifactsCommand
{
    public static Command Create() => new("artifacts", "Files of runs.") { List(), Download(), Upload() };

    private static Argument<string> Run() => new("RUN") { Description = "Id of the run." };

    private static Verb List()
    {
        var run = Run();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var list = new Verb("list", "Lists the files of a run by path.", "mlops artifacts list 0193a4c5b6d7e8f90a1b2c3d4e5f6071") { run, json };
        server.AddTo(list);
        list.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var artifacts = await client.ListArtifactsAsync(parsed.GetValue(run)!, cancellationToken).ToListAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(artifacts);
                return ExitCodes.Done;
            }

            var table = Output.Table("Path", "Bytes", "SHA-256");
            foreach (var artifact in artifacts)
            {
                table.Row(artifact.Path, artifact.SizeBytes.ToString(CultureInfo.InvariantCulture), artifact.Sha256[..16]);
            }

            Output.Console.Write(table);
            return ExitCodes.Done;
        });
        return list;
    }

    private static Verb Download()
    {
        var run = Run();
        var path = new Argument<string>("PATH") { Description = "A file, or a folder with all below it; everything when absent.", DefaultValueFactory = _ => "" };
        var to = new Option<string>("--to") { Description = "Folder that gets them, made when missing. Default: the current one.", HelpName = "FOLDER", DefaultValueFactory = _ => "." };
        var server = new ServerOptions();
        var download = new Verb(
            "download",
            "Downloads files of a run and checks their SHA-256. A file that is there is replaced.",
            "mlops artifacts download 0193a4c5b6d7e8f90a1b2c3d4e5f6071 model --to ./downloaded") { run, path, to };
        server.AddTo(download);
        download.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var (wanted, folder, files, bytes) = (parsed.GetValue(path)!.Trim('/'), parsed.GetValue(to)!, 0, 0L);
            await foreach (var artifact in client.ListArtifactsAsync(parsed.GetValue(run)!, cancellationToken))
            {
                if (wanted.Length > 0 && artifact.Path != wanted && !artifact.Path.StartsWith(wanted + "/", StringComparison.Ordinal))
                {
                    continue;
                }

                if (!PlainPath.Is(artifact.Path))
                {
                    throw new CommandException($"'{artifact.Path}' can't be a path of every file system; it is not downloaded.");
                }

                var file = Path.Combine(folder, Path.Combine(artifact.Path.Split('/')));
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                bytes += await client.DownloadArtifactAsync(parsed.GetValue(run)!, artifact.Path, file, cancellationToken);
                files++;
            }

            if (files == 0 && wanted.Length > 0)
            {
                throw new CommandException($"Run {parsed.GetValue(run)} has no artifact '{wanted}'.");
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files} files ({bytes} bytes) are in {folder}."));
            return ExitCodes.Done;
        });
        return download;
    }

    private static Verb Upload()
    {
        var run = Run();
        var local = new Argument<string>("LOCAL") { Description = "A file, or a folder with all below it." };
        var path = new Argument<string>("PATH") { Description = "Where in the run; the file's name, or the run's root, when absent.", DefaultValueFactory = _ => "" };
        var server = new ServerOptions();
        var upload = new Verb(
            "upload",
            "Uploads a file or a folder to a run. Artifacts don't change: the same again is no fault, other content is.",
            "mlops artifacts upload 0193a4c5b6d7e8f90a1b2c3d4e5f6071 report.html",
            "mlops artifacts upload 0193a4c5b6d7e8f90a1b2c3d4e5f6071 ./plots plots") { run, local, path };
        server.AddTo(upload);
        upload.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var (files, id) = (0, parsed.GetValue(run)!);
            foreach (var (file, target) in FilesOf(parsed.GetValue(local)!, parsed.GetValue(path)!.Trim('/')))
            {
                await UploadAsync(client, id, target, file, cancellationToken);
                files++;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files} files are in run {id}."));
            return ExitCodes.Done;
        });
        return upload;
    }

    private static async Task UploadAsync(MLOpsLearnClient client, string run, string path, string file, CancellationToken cancellationToken)
    {
        try
        {
            await client.UploadArtifactAsync(run, path, file, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.StatusCode is not null)
        {
            throw new CommandException(exception.Message.ReplaceLineEndings(" "));
        }
    }

    private static IEnumerable<(string File, string Path)> FilesOf(string local, string path)
    {
        if (File.Exists(local))
        {
            return [(local, path.Length > 0 ? path : Path.GetFileName(local))];
        }

        if (!Directory.Exists(local))
        {
            throw new CommandException($"There is no file or folder '{local}'.");
        }

        // Links could lead out of the folder, or around in circles.
        var below = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        var prefix = path.Length > 0 ? path + "/" : "";
        return Directory.EnumerateFiles(local, "*", below).Select(file => (file, prefix + Path.GetRelativePath(local, file).Replace('\\', '/')));
    }
}
