using MLOpsLearn.Learning.Evaluation;
using MLOpsLearn.Learning.Formats;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Tables;
using MLOpsLearn.Learning.Training;

namespace MLOpsLearn.Learning.Tests;

/// <summary>Every trainer learns, gives the same model twice, and comes back from its file bit for bit.</summary>
public sealed class FittedPipelineTests
{
    private static double[] Score(FittedPipeline pipeline, ColumnTable table)
    {
        var output = new double[table.Rows];
        pipeline.Score(table, output);
        return output;
    }

    private static FittedPipeline Fit(string trainer, ColumnTable rows)
    {
        var specification = Rides.Specification(trainer);
        return PipelineTrainer.Fit(specification, specification.Trainer, rows, TimeProvider.System, TestContext.Current.CancellationToken).Pipeline;
    }

    [Theory]
    [InlineData("lightgbm")]
    [InlineData("fasttree")]
    [InlineData("sdca")]
    public void A_trainer_beats_the_mean_on_rows_it_has_not_seen(string trainer)
    {
        var test = Rides.Table(2000, seed: 2);

        var metrics = RegressionMetrics.Compute(test.Numbers("duration").Span, Score(Fit(trainer, Rides.Table(8000, seed: 1)), test));

        Assert.True(metrics.Skill > 0.5, $"{trainer}: {metrics}");
    }

    [Theory]
    [InlineData("lightgbm")]
    [InlineData("fasttree")]
    [InlineData("sdca")]
    public void The_same_rows_and_seed_give_the_same_model_twice(string trainer)
    {
        var rows = Rides.Table(3000, seed: 1);
        using var first = new MemoryStream();
        using var second = new MemoryStream();

        FittedPipelineFormat.Write(Fit(trainer, rows), first);
        FittedPipelineFormat.Write(Fit(trainer, rows), second);

        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Theory]
    [InlineData("lightgbm")]
    [InlineData("sdca")]
    public void A_model_that_was_written_predicts_the_same_after_reading(string trainer)
    {
        var pipeline = Fit(trainer, Rides.Table(3000, seed: 1, withMissing: true));
        using var stream = new MemoryStream();
        FittedPipelineFormat.Write(pipeline, stream);
        stream.Position = 0;

        var read = FittedPipelineFormat.Read(stream);

        var rows = Rides.Table(1000, seed: 3, withMissing: true);
        Assert.Equal(Score(pipeline, rows), Score(read, rows));
        Assert.Equal(pipeline.Signature.SchemaHash, read.Signature.SchemaHash);
    }

    [Fact]
    public void Unseen_categories_are_counted_and_scored()
    {
        var pipeline = Fit("lightgbm", Rides.Table(3000, seed: 1));
        var table = new ColumnTable([
            TableColumn.Categorical.FromStrings("from", ["nowhere", "1"]),
            TableColumn.Categorical.FromStrings("to", ["1", "2"]),
            new TableColumn.Numeric("distance", new[] { double.NaN, 1e300 }),
            TableColumn.Categorical.FromStrings("hour", ["8", null])]);
        var output = new double[2];

        var unseen = pipeline.Score(table, output);

        Assert.Equal([1, 0, 0, 0], unseen);
        Assert.All(output, value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void A_damaged_file_is_refused_whatever_byte_is_cut_or_changed()
    {
        using var stream = new MemoryStream();
        FittedPipelineFormat.Write(Fit("lightgbm", Rides.Table(500, seed: 1)), stream);
        var bytes = stream.ToArray();
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var cut = bytes[..random.Next(bytes.Length)];
            Assert.Throws<InvalidModelException>(() => FittedPipelineFormat.Read(new MemoryStream(cut)));
            var changed = (byte[])bytes.Clone();
            changed[random.Next(64)] ^= (byte)(1 << random.Next(8));
            try
            {
                Score(FittedPipelineFormat.Read(new MemoryStream(changed)), Rides.Table(10, seed: 1));
            }
            catch (Exception exception) when (exception is InvalidModelException or ArgumentException)
            {
                // Refused, or a signature that the rows don't have: both are answers.
            }
        }
    }
}
