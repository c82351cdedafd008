using Xunit;

namespace MLOpsLearn.Architecture.Tests;

/// <summary>Holds the direction of references, and shows that each rule can fail.</summary>
public sealed class DependencyTests
{
    [Fact]
    public void Projects_reference_only_what_lies_below_them()
    {
        var references = Repository.ProjectReferences();

        Assert.Contains("MLOpsLearn.Contracts", references.Keys);
        Assert.Empty(DependencyRules.Broken(references));
    }

    [Theory]
    [InlineData("MLOpsLearn.Registry", "MLOpsLearn.Tracking")]
    [InlineData("MLOpsLearn.Contracts", "MLOpsLearn.Messaging")]
    [InlineData("MLOpsLearn.Messaging", "MLOpsLearn.Monitoring")]
    [InlineData("MLOpsLearn.Learning", "MLOpsLearn.Contracts")]
    [InlineData("MLOpsLearn.Statistics", "MLOpsLearn.Learning")]
    [InlineData("MLOpsLearn.Cli", "MLOpsLearn.Tracking")]
    [InlineData("MLOpsLearn.Training.Worker", "MLOpsLearn.Training")]
    [InlineData("MLOpsLearn.Registry.Host", "MLOpsLearn.Inference")]
    public void A_reference_against_the_direction_is_found(string from, string to)
    {
        var references = new Dictionary<string, string[]> { [from] = [to] };

        Assert.Equal([$"{from} → {to}"], DependencyRules.Broken(references));
    }
}
