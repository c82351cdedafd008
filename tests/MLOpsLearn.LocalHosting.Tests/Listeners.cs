using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Aspire.Hosting.Tests;

/// <summary>Who waits for connections where, read from Linux's <c>/proc</c>.</summary>
internal static class Listeners
{
    private const string Listening = "0A";

    /// <summary>The listening addresses of all processes below this one.</summary>
    public static List<IPEndPoint> OfDescendants()
    {
        var sockets = Descendants().SelectMany(Sockets).ToHashSet();
        return [.. new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == Listening && sockets.Contains($"socket:[{fields[9]}]"))
            .Select(fields => Parse(fields[1]))];
    }

    private static HashSet<int> Descendants()
    {
        var parents = Process.GetProcesses().Select(process => (process.Id, Parent: ParentOf(process.Id))).ToList();
        HashSet<int> found = [Environment.ProcessId];
        while (parents.Where(process => found.Contains(process.Parent)).Count(process => found.Add(process.Id)) > 0)
        {
        }

        found.Remove(Environment.ProcessId);
        return found;
    }

    private static int ParentOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            // The name, in parentheses, may hold spaces; state and parent follow.
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static IEnumerable<string> Sockets(int id)
    {
        try
        {
            return [.. new DirectoryInfo($"/proc/{id}/fd").EnumerateFileSystemInfos().Select(file => file.LinkTarget).OfType<string>().Where(target => target.StartsWith("socket:", StringComparison.Ordinal))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>An address as the kernel writes it: words of four bytes in the machine's order, in hexadecimal, and the port.</summary>
    private static IPEndPoint Parse(string text)
    {
        var parts = text.Split(':');
        var bytes = Convert.FromHexString(parts[0]);
        if (BitConverter.IsLittleEndian)
        {
            for (var i = 0; i < bytes.Length; i += 4)
            {
                Array.Reverse(bytes, i, 4);
            }
        }

        return new IPEndPoint(new IPAddress(bytes), int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
