using MLOpsLearn.Learning.Specification;

namespace MLOpsLearn.Learning.Tests;

/// <summary>A specification is read strictly, and every fault is named at once.</summary>
public sealed class SpecificationTests
{
    [Theory]
    [InlineData("name: rides", "name: Rides!", "name")]
    [InlineData("kind: lightgbm", "kind: magic", "trainer.kind")]
    [InlineData("iterations: 50", "iterations: 0", "trainer.iterations")]
    [InlineData("iterations: 50", "iteration: 50", "trainer.iteration")]
    [InlineData("clip: [0, 50]", "clip: [50, 0]", "features[2].clip")]
    [InlineData("clip: [0, 50]", "clip: [0, .nan]", "features[2].clip")]
    [InlineData("cross: [from, to]", "cross: [from, nowhere]", "features[4].cross")]
    [InlineData("{ name: to,", "{ name: from,", "features[1].name")]
    [InlineData("min: 1, max: 60", "min: 61, max: 60", "target.min")]
    [InlineData("dataset: { name: rides }", "dataset: { name: rides, files: ['http://x'] }", "dataset.files")]
    [InlineData("dataset: { name: rides }", "", "dataset")]
    public void A_fault_is_named_with_its_path(string right, string wrong, string path)
    {
        var (specification, faults) = PipelineSpecificationReader.Parse(Rides.Yaml.Replace(right, wrong, StringComparison.Ordinal));

        Assert.Null(specification);
        Assert.Contains(faults, fault => fault.Path == path);
    }

    [Theory]
    [InlineData("a: &x [1]\nb: *x")]
    [InlineData("- just\n- a list")]
    [InlineData("a: 1\na: 2")]
    [InlineData("\"unterminated")]
    [InlineData("a: \0")]
    [InlineData("")]
    public void What_is_no_plain_mapping_is_refused(string yaml) => Assert.NotEmpty(PipelineSpecificationReader.Parse(yaml).Faults);

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        Assert.NotEmpty(PipelineSpecificationReader.Parse(new string('[', 100_000)).Faults);
        Assert.NotEmpty(PipelineSpecificationReader.Parse("name: " + new string('x', 300_000)).Faults);
    }

    [Theory]
    [InlineData("31d", 31 * 24)]
    [InlineData("12h", 12)]
    [InlineData("P31D", 31 * 24)]
    public void A_length_of_time_is_read(string text, int hours)
    {
        var (specification, faults) = PipelineSpecificationReader.Parse(Rides.Yaml + $"\nretrain: {{ on: [alert], window: {text} }}");

        Assert.Empty(faults);
        Assert.Equal(TimeSpan.FromHours(hours), specification!.Retrain!.Window);
    }
}
