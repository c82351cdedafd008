using System.Text.RegularExpressions;
using MLOpsLearn.Cli.Commands;
using Xunit;

namespace MLOpsLearn.Cli.Tests.Docs;

/// <summary>Every command line that a page shows is one that the executable understands.</summary>
public sealed partial class CommandExampleTests
{
    public static TheoryData<string> Pages => ["README.md", "docs/drift.md", "docs/transfer.md"];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_of_a_page_parse(string page)
    {
        var lines = CommandsOf(File.ReadAllText(Repository.File(page.Split('/')))).ToList();

        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.True(
            CommandLine.Create().Parse(line).Errors is { Count: 0 }, $"{line}: {CommandLine.Create().Parse(line).Errors.FirstOrDefault()?.Message}"));
    }

    [Theory]
    [InlineData("`mlops drift A B --nonsense`")]
    [InlineData("mlops dirft a b\n")]
    public void A_wrong_command_would_be_found(string text) =>
        Assert.All(CommandsOf(text), line => Assert.NotEmpty(CommandLine.Create().Parse(line).Errors));

    // After "mlops" or "-- " of a dotnet run, up to the end of the code; what stands in brackets may be left out.
    private static IEnumerable<string> CommandsOf(string text) => CommandLineOf().Matches(text)
        .Select(match => Optional().Replace(match.Groups[1].Value, " $1 ").Split('#')[0].Trim())
        .Select(line => line.Replace(" …", " why", StringComparison.Ordinal).Replace("YYYY-MM", "2021-01", StringComparison.Ordinal));

    [GeneratedRegex(@"(?:(?<=`)mlops|^[ \t]*(?:run: |- script: )?mlops|MLOpsLearn\.Cli --) ([a-z][^`\n|;&]*)", RegexOptions.Multiline)]
    private static partial Regex CommandLineOf();

    [GeneratedRegex(@"\[([^\]]*)\]")]
    private static partial Regex Optional();
}
