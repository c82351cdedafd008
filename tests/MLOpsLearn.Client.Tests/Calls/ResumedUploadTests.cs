using System.Diagnostics;
using System.Security.Cryptography;

namespace MLOpsLearn.Client.Tests.Calls;

/// <summary><c>mlops artifacts upload</c> of a large file goes on where it was ended.</summary>
public sealed class ResumedUploadTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    private const int PartBytes = 8 * 1024 * 1024;
    private const int Parts = 20;

    private static CancellationToken Cancel => ServerProcess.Cancel;

    [Fact]
    public async Task Parts_that_arrived_before_it_was_killed_are_not_sent_again()
    {
        using var client = server.Connect();
        var run = await client.StartRunAsync(server.Options("large"), cancellationToken: Cancel);
        var file = Path.Combine(server.Folder("files"), "large.bin");
        var bytes = new byte[(Parts * PartBytes) - 5];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(file, bytes, Cancel);
        var uploads = Path.Combine(server.Folder("state"), "artifacts", "multipart");

        using (var first = Start(run.RunId!, file))
        {
            while (!first.HasExited && Files(uploads).Count < 3)
            {
                await Task.Delay(5, Cancel);
            }

            Assert.False(first.HasExited, "The upload was over before it could be ended.");
            first.Kill();
            await first.WaitForExitAsync(Cancel);
        }

        var before = Files(uploads);
        Assert.InRange(before.Count, 3, Parts - 1);
        using (var second = Start(run.RunId!, file))
        {
            // What was sent again would be written anew, and so be younger.
            var kept = before.ToDictionary(part => part, File.GetLastWriteTimeUtc);
            while (!second.HasExited && Files(uploads).Count < Parts)
            {
                await Task.Delay(1, Cancel);
                Assert.All(kept.Where(part => File.Exists(part.Key)), part => Assert.Equal(part.Value, File.GetLastWriteTimeUtc(part.Key)));
            }

            Assert.Equal(0, (await second.EndAsync()).ExitCode);
        }

        var artifact = Assert.Single(await client.ListArtifactsAsync(run.RunId!, Cancel).ToListAsync(Cancel));
        Assert.Equal((bytes.LongLength, Convert.ToHexStringLower(SHA256.HashData(bytes))), (artifact.SizeBytes, artifact.Sha256));
        Assert.Empty(Files(uploads));
        using (var again = Start(run.RunId!, file))
        {
            Assert.Equal(0, (await again.EndAsync()).ExitCode);
        }

        bytes[0]++;
        await File.WriteAllBytesAsync(file, bytes, Cancel);
        using var other = Start(run.RunId!, file);
        var (code, _, complaints) = await other.EndAsync();
        Assert.Equal(2, code);
        Assert.Contains("other content", complaints, StringComparison.Ordinal);
        run.Complete();
        await run.DisposeAsync();
    }

    private Process Start(string run, string file) => Process.Start(new ProcessStartInfo(
        Repository.File("src", "MLOpsLearn.Cli", "bin", "Release", "net10.0", "mlops"),
        ["artifacts", "upload", run, file, "deep/große Datei.bin", "--server", server.Address.ToString(), "--grpc", server.Grpc.ToString()])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static List<string> Files(string uploads) =>
        Directory.Exists(uploads) ? [.. Directory.EnumerateFiles(uploads, "part-*", SearchOption.AllDirectories)] : [];
}
