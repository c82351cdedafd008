using System.Text.RegularExpressions;
using Xunit;

namespace MLOpsLearn.Architecture.Tests;

/// <summary>House rules that the compiler doesn't know.</summary>
public sealed partial class SourceTests
{
    private const int MostLines = 300;

    [Fact]
    public void No_file_is_too_long_to_be_read_in_one_go()
    {
        var tooLong = Repository.SourceFiles().Select(file => (file, lines: File.ReadLines(file).Count())).Where(entry => entry.lines > MostLines);

        Assert.Empty(tooLong.Select(entry => $"{Path.GetRelativePath(Repository.Root, entry.file)}: {entry.lines}"));
    }

    [Fact]
    public void Nothing_in_the_product_reads_the_wall_clock_or_blocks_a_thread()
    {
        var found = Repository.SourceFiles()
            .Where(file => Path.GetRelativePath(Repository.Root, file).StartsWith("src", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(file).Select((line, index) => (file, line, number: index + 1)))
            // The genuine DistributedApplication.Run blocks, and so does its stand-in: it is the last line of a program.
            .Where(entry => BannedCall().IsMatch(entry.line) && !entry.line.Contains("RunAsync().GetAwaiter()", StringComparison.Ordinal))
            .Select(entry => $"{Path.GetRelativePath(Repository.Root, entry.file)}:{entry.number} {entry.line.Trim()}");

        Assert.Empty(found);
    }

    [Theory]
    [InlineData("var now = DateTime.UtcNow;")]
    [InlineData("var now = DateTimeOffset.Now;")]
    [InlineData("Thread.Sleep(10);")]
    [InlineData("var random = new Random();")]
    [InlineData("task.Wait();")]
    [InlineData("return task.GetAwaiter().GetResult();")]
    public void A_banned_call_is_found(string line) => Assert.Matches(BannedCall(), line);

    [GeneratedRegex(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b|\bThread\.Sleep\(|new Random\(\)|\.Wait\(\)|GetAwaiter\(\)\.GetResult\(\)|\bRandom\.Shared\b")]
    private static partial Regex BannedCall();
}
