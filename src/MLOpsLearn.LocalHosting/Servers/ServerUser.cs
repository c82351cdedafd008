using System.Diagnostics;
using Aspire.Hosting.Engine;

namespace Aspire.Hosting.Servers;

/// <summary>PostgreSQL refuses to run as root: then it runs as the user of its package.</summary>
internal static class ServerUser
{
    private const string User = "postgres";

    private static bool IsNeeded { get; } = OperatingSystem.IsLinux() && Environment.UserName == "root";

    /// <summary>The command that runs <paramref name="program"/> as that user, in the same process.</summary>
    public static (string FileName, IReadOnlyList<string> Arguments) Wrap(string program, IReadOnlyList<string> arguments)
    {
        if (!IsNeeded)
        {
            return (program, arguments);
        }

        var setPriv = Programs.Find("setpriv")
            ?? throw new DistributedApplicationException("PostgreSQL can't run as root, and setpriv (package util-linux) is missing. Start the AppHost as another user.");
        return (setPriv, [$"--reuid={User}", $"--regid={User}", "--init-groups", program, .. arguments]);
    }

    /// <summary>Gives a folder to that user.</summary>
    public static async Task OwnAsync(string folder, CancellationToken cancellationToken)
    {
        if (!IsNeeded)
        {
            return;
        }

        using var chown = Process.Start("chown", ["-R", $"{User}:{User}", folder]);
        await chown.WaitForExitAsync(cancellationToken);
    }
}
