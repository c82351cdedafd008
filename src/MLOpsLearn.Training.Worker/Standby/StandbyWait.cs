using System.Text;
using System.Text.Json;

namespace MLOpsLearn.Training.Worker.Standby;

/// <summary>
/// A worker that was started before there is a job: it waits for one line on standard input, a JSON object of the variables that a worker with a
/// job is started with, and goes on as that worker.
/// </summary>
internal static class StandbyWait
{
    public const string Argument = "--standby";
    private const int LongestLine = 64 * 1024;

    /// <summary>False when the pipe closed instead: nobody needs this process any more.</summary>
    public static async Task<bool> TakeJobAsync(CancellationToken cancellationToken)
    {
        await using var pipe = Console.OpenStandardInput();
        var line = new List<byte>();
        // Byte by byte: what comes behind the line, its end, is for somebody else to see.
        var one = new byte[1];
        while (await pipe.ReadAsync(one, cancellationToken) > 0)
        {
            if (one[0] == '\n')
            {
                Apply(Encoding.UTF8.GetString([.. line]));
                return true;
            }

            line.Add(one[0]);
            if (line.Count > LongestLine)
            {
                return false;
            }
        }

        return false;
    }

    private static void Apply(string json)
    {
        using var variables = JsonDocument.Parse(json);
        foreach (var variable in variables.RootElement.EnumerateObject())
        {
            Environment.SetEnvironmentVariable(variable.Name, variable.Value.GetString());
        }
    }
}
