namespace Aspire.Hosting.Tests;

/// <summary>What /proc says of the processes of this machine.</summary>
internal static class CommandLines
{
    /// <summary>Processes whose command line names the text.</summary>
    public static IEnumerable<string> With(string text) => Directory.EnumerateDirectories("/proc")
        .Where(process => int.TryParse(Path.GetFileName(process), out _))
        .Select(process =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
            }
            catch (IOException)
            {
                return "";
            }
        })
        .Where(line => line.Contains(text, StringComparison.Ordinal));
}
