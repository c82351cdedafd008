using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using MLOpsLearn.Learning.Training;

namespace MLOpsLearn.Learning.Tests;

/// <summary>The trees that were read out of ML.NET predict what ML.NET predicts.</summary>
public sealed class TreeScorerTests
{
    private const int Width = 6;

    public static TheoryData<string> Trainers => ["lightgbm", "fasttree"];

    [Theory]
    [MemberData(nameof(Trainers))]
    public void The_flat_trees_agree_with_the_trainers_own_scoring(string trainer)
    {
        var random = new Random(5);
        var rows = Enumerable.Range(0, 4000).Select(_ =>
        {
            var features = Enumerable.Range(0, Width).Select(_ => (float)(random.NextDouble() * 10)).ToArray();
            return new TreeTrainer.TrainingRow { Features = features, Label = (features[0] * features[1]) + features[2] };
        }).ToList();
        var context = new MLContext(1);
        var schema = SchemaDefinition.Create(typeof(TreeTrainer.TrainingRow));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Width);
        var data = context.Data.LoadFromEnumerable(rows, schema);
        ITransformer model;
        TreeEnsembleModelParametersBasedOnRegressionTree parameters;
        if (trainer == "lightgbm")
        {
            var fitted = context.Regression.Trainers.LightGbm(new LightGbmRegressionTrainer.Options { NumberOfIterations = 60, Silent = true }).Fit(data);
            (model, parameters) = (fitted, fitted.Model);
        }
        else
        {
            var fitted = context.Regression.Trainers.FastTree(numberOfTrees: 60).Fit(data);
            (model, parameters) = (fitted, fitted.Model);
        }

        var expected = model.Transform(data).GetColumn<float>("Score").ToArray();
        var actual = new double[rows.Count];
        TreeTrainer.Flatten(parameters.TrainedTreeEnsemble, Width).Score(rows.SelectMany(row => row.Features).ToArray(), actual);

        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }
}
