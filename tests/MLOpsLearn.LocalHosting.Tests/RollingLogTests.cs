using Aspire.Hosting.Engine;

namespace Aspire.Hosting.Tests;

/// <summary>Log files don't grow for ever.</summary>
public sealed class RollingLogTests
{
    [Fact]
    public void A_new_start_and_a_full_file_move_what_was_written_aside()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-logs-").FullName;
        var path = Path.Combine(folder, "x.log");
        try
        {
            File.WriteAllText(path, "earlier\n");
            using (var log = new RollingLog(path, mostBytes: 10))
            {
                log.WriteLine("first");
                Assert.Equal(["earlier"], Lines(path + ".1"));
                log.WriteLine("second");
                Assert.Equal(["first", "second"], Lines(path));

                log.WriteLine("third");
            }

            Assert.Equal(["first", "second"], Lines(path + ".1"));
            Assert.Equal(["third"], Lines(path));
            Assert.Equal(2, Directory.GetFiles(folder).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] Lines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
    }
}
