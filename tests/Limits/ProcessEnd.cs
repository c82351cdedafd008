using System.Diagnostics;
using System.Text;

namespace MLOpsLearn.Limits;

/// <summary>Waits for the end of a program that was started with its output redirected.</summary>
internal static class ProcessEnd
{
    /// <summary>Takes all that it writes until it ends; one that does not end is killed with its children.</summary>
    /// <param name="process">The program; from now on nobody else reads what it writes.</param>
    /// <param name="patience"><see cref="Patience.Wait"/> when absent.</param>
    /// <exception cref="TimeoutException">It did not end in time, or the test was told to end; the message holds what it wrote so far.</exception>
    public static async Task<(int ExitCode, string Output, string Errors)> EndAsync(this Process process, TimeSpan? patience = null)
    {
        var (output, errors) = (new StringBuilder(), new StringBuilder());
        var end = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, errors), process.WaitForExitAsync());
        try
        {
            await end.WaitAsync(patience ?? Patience.Wait, Xunit.TestContext.Current.CancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            var start = process.StartInfo;
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end. It wrote:\n{Text(output)}\n{Text(errors)}", exception);
        }

        return (process.ExitCode, output.ToString(), errors.ToString());
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder text)
    {
        var buffer = new char[4096];
        for (int count; (count = await reader.ReadAsync(buffer)) > 0;)
        {
            lock (text)
            {
                text.Append(buffer, 0, count);
            }
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
