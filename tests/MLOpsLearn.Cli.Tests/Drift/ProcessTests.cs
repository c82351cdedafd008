using System.Text.Json.Nodes;
using Xunit;

namespace MLOpsLearn.Cli.Tests.Drift;

/// <summary>The executable as a pipeline runs it: exit code, standard output, standard error.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Drift_gives_its_table_and_exit_code_and_no_progress_to_a_pipe()
    {
        var reference = _files.Parquet("a.parquet", Comparing.Numbers);
        var current = _files.Parquet("b.parquet", Comparing.Numbers.Replace("/ 10.0", "/ 10.0 + 30", StringComparison.Ordinal));
        var (code, output, complaints) = await Executable.RunAsync("drift", reference, current);

        Assert.Equal((ExitCodes.Failed, string.Empty), (code, complaints));
        Assert.Contains("median 49.95 → 79.95", output, StringComparison.Ordinal);
        Assert.Contains("Drift: 1 of 2 columns drifted.", output, StringComparison.Ordinal);
        Assert.Contains("p-and-effect(alpha=0.05,", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public async Task Bad_input_gives_one_line_and_its_own_exit_code()
    {
        var (code, output, complaints) = await Executable.RunAsync("drift", _files.Text("a.csv", "x,y\n1,a\n2\n"), _files.Path("absent.csv"));

        Assert.Equal((ExitCodes.BadInput, string.Empty), (code, output));
        Assert.Matches("^mlops: [^\n]+\n$", complaints);
    }

    [Fact]
    public async Task The_time_zone_of_the_machine_changes_nothing()
    {
        var file = _files.Parquet("a.parquet", "SELECT TIMESTAMPTZ '2021-01-03 23:30:00+00' + to_seconds(i * 60) AS at FROM range(50) t(i)");
        var (code, output, _) = await Executable.RunAsync("drift", file, file, "--json");
        var bins = JsonNode.Parse(output)!["comparisons"]![0]!["columns"]![0]!["psi_contributions"]!.AsArray().Select(part => part!["bin"]!.GetValue<string>());

        Assert.Equal((ExitCodes.Done, "0 23"), (code, string.Join(' ', bins)));
    }

    [Fact]
    public async Task Help_ends_with_examples()
    {
        var (code, output, _) = await Executable.RunAsync("drift", "--help");

        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains("Exit code 0: no drift, 1: drift", output, StringComparison.Ordinal);
        Assert.Contains("mlops drift train.csv today.csv --html drift.html", output, StringComparison.Ordinal);
    }
}
