using System.Text.Json.Nodes;
using Xunit;

namespace MLOpsLearn.Cli.Tests.GoldenCases;

public sealed class StatisticsTests : IDisposable
{
    private const string Case = """{"kind": "numeric", "reference": [1, 2, 3, null], "current": [2, 3, 4]}""";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-statistics-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_case_is_answered_under_its_own_name()
    {
        var (code, output, complaints) = await AnswerAsync(Case);

        Assert.Equal((ExitCodes.Done, string.Empty), (code, complaints));
        Assert.Contains("1 answered", output, StringComparison.Ordinal);
        var answer = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "answers", "case.json"), TestContext.Current.CancellationToken))!;
        Assert.Equal(1.0 / 3, answer["expected"]!["ks(method=auto)"]!["statistic"]!.GetValue<double>(), 12);
    }

    [Theory]
    [InlineData("""{"kind": "numeric", "reference": [1]}""", "the field '$.current' is missing.")]
    [InlineData("""{"kind": "alert", "config": {"direction": "above"}, "current": []}""", "the field '$.config.raise' is missing.")]
    [InlineData("""{"kind": "classification-binary", "threshold": 0.5, "current": {"y_true": [1, null], "y_score": [0, 1]}}""", "the element '$.current.y_true[1]' is null.")]
    [InlineData("""[1]""", "it is not a case, an object with 'kind'.")]
    [InlineData("""{"kind": "numeric",""", "left out: ")]
    public async Task A_broken_case_is_named_in_one_line_and_costs_no_other_its_answer(string text, string expected)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "good.json"), Case, TestContext.Current.CancellationToken);
        var (code, output, complaints) = await AnswerAsync(text);

        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("1 answered, 0 of a kind that is not answered, 1 broken.", output, StringComparison.Ordinal);
        Assert.Matches("^mlops: [^\n]+\n$", complaints);
        Assert.Contains(expected, complaints, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Complaints)> AnswerAsync(string text)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "case.json"), text, TestContext.Current.CancellationToken);
        return await Executable.RunAsync("statistics", _folder.FullName, Path.Combine(_folder.FullName, "answers"));
    }
}
