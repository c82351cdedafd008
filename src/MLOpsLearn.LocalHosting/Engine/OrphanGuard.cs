using System.Diagnostics;

namespace Aspire.Hosting.Engine;

/// <summary>
/// A small shell process that outlives the AppHost by a moment: it is told the id of every child, and when the pipe to the AppHost breaks,
/// however that ended, it ends them all.
/// </summary>
internal sealed class OrphanGuard : IDisposable
{
    // Reads "+<pid>" lines until the pipe breaks; then asks all to end, waits a little, and kills what is left, with its session.
    private const string Script = """
        trap '' INT TERM HUP
        pids=""
        while read -r line; do
          case "$line" in
            +*) pids="$pids ${line#+}" ;;
            -*) kept=""; for p in $pids; do [ "$p" = "${line#-}" ] || kept="$kept $p"; done; pids="$kept" ;;
          esac
        done
        [ -z "$pids" ] && exit 0
        kill -s TERM $pids 2>/dev/null
        n=0
        while [ $n -lt 50 ]; do
          alive=""
          for p in $pids; do kill -0 "$p" 2>/dev/null && alive="$alive $p"; done
          [ -z "$alive" ] && break
          sleep 0.1
          n=$((n + 1))
        done
        for p in $pids; do kill -s KILL -- "-$p" 2>/dev/null; kill -s KILL "$p" 2>/dev/null; done
        """;

    private readonly Process? _process;
    private readonly Lock _lock = new();

    public OrphanGuard()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var start = new ProcessStartInfo { RedirectStandardInput = true, UseShellExecute = false };
        if (Programs.Find("setsid") is { } setSid)
        {
            start.FileName = setSid;
            start.ArgumentList.Add("/bin/sh");
        }
        else
        {
            start.FileName = "/bin/sh";
        }

        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        _process = Process.Start(start);
    }

    public void Watch(int processId) => Tell($"+{processId}");

    public void Forget(int processId) => Tell($"-{processId}");

    public void Dispose()
    {
        _process?.StandardInput.Close();
        _process?.Dispose();
    }

    private void Tell(string line)
    {
        lock (_lock)
        {
            _process?.StandardInput.WriteLine(line);
            _process?.StandardInput.Flush();
        }
    }
}
