using System.Diagnostics;
using System.Globalization;

namespace MLOpsLearn.SystemTests;

/// <summary>What /proc says.</summary>
internal static class ProcessTree
{

    /// <summary>All processes below one, with their command lines.</summary>
    public static List<(int Id, string Command)> Below(int root)
    {
        var parents = Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Select(id => (Id: id, Parent: ParentOf(id))).ToList();
        var found = new List<int> { root };
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(parents.Where(process => process.Parent == found[i]).Select(process => process.Id));
        }

        return [.. found.Skip(1).Select(id => (id, CommandOf(id))).Where(process => process.Item2.Length > 0)];
    }

    /// <summary>Waits until none of them is left.</summary>
    public static async Task GoneAsync(IReadOnlyList<(int Id, string Command)> processes)
    {
        var started = Stopwatch.GetTimestamp();
        while (processes.Where(process => CommandOf(process.Id) == process.Command).ToList() is { Count: > 0 } alive)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience.Wait, $"Orphans: {string.Join("; ", alive)}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static int ParentOf(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string CommandOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }
}
