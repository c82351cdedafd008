using System.Text.Json.Nodes;
using MLOpsLearn.Cli.GoldenCases;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.GoldenCases;

public sealed class FormulaTests
{
    [Theory]
    [InlineData("u/(a-u)", 0.5 / (1.05 - 0.5))]
    [InlineData("b*(u/(a-u))", 3 * (0.5 / (1.05 - 0.5)))]
    [InlineData("floor(u*u*50)", 12.0)]
    [InlineData("1 - u*2e-1/4 - -u", 1 - 0.5 * 0.2 / 4 + 0.5)]
    [InlineData("u-u-u", -0.5)]
    public void Formulas_are_evaluated_as_written(string formula, double expected) =>
        Assert.Equal(expected, Formula.Parse(formula, JsonNode.Parse("""{"a":1.05,"b":3}""")!)(0.5));

    [Theory]
    [InlineData("")]
    [InlineData("u)")]
    [InlineData("(u")]
    [InlineData("exp(u)")]
    public void What_is_no_formula_is_refused(string formula) =>
        Assert.Throws<NotSupportedException>(() => Formula.Parse(formula, new JsonObject()));

    [Fact]
    public void Endless_brackets_are_refused() =>
        Assert.Throws<NotSupportedException>(() => Formula.Parse(new string('(', 100_000), new JsonObject()));
}
