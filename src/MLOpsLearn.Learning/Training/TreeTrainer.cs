using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;

namespace MLOpsLearn.Learning.Training;

/// <summary>Boosts trees with ML.NET and reads them out of its model.</summary>
internal static class TreeTrainer
{
    private const string Label = nameof(TrainingRow.Label);
    private const string Features = nameof(TrainingRow.Features);

    /// <param name="trainer">LightGBM or FastTree.</param>
    /// <param name="features">Rows × width.</param>
    /// <param name="width">Features of a row.</param>
    /// <param name="target">One for each row.</param>
    /// <param name="seed">Seed of the trainer.</param>
    public static TreeEnsemble Fit(TrainerSpecification trainer, float[] features, int width, ReadOnlyMemory<double> target, int seed)
    {
        var context = new MLContext(seed);
        var schema = SchemaDefinition.Create(typeof(TrainingRow));
        schema[Features].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        var rows = new TrainingRow[target.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = new TrainingRow { Features = features.AsSpan(row * width, width).ToArray(), Label = (float)target.Span[row] };
        }

        var data = context.Data.LoadFromEnumerable(rows, schema);
        // One thread: the same rows then give the same trees on every machine.
        TreeEnsembleModelParametersBasedOnRegressionTree parameters = trainer.Kind == TrainerKind.LightGbm
            ? context.Regression.Trainers.LightGbm(new LightGbmRegressionTrainer.Options
            {
                LabelColumnName = Label,
                FeatureColumnName = Features,
                NumberOfIterations = trainer.Iterations,
                LearningRate = trainer.LearningRate,
                NumberOfLeaves = trainer.Leaves,
                MinimumExampleCountPerLeaf = trainer.MinRowsPerLeaf,
                Seed = seed,
                NumberOfThreads = 1,
                Silent = true,
            }).Fit(data).Model
            : context.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options
            {
                LabelColumnName = Label,
                FeatureColumnName = Features,
                NumberOfTrees = trainer.Iterations,
                LearningRate = trainer.LearningRate,
                NumberOfLeaves = trainer.Leaves,
                MinimumExampleCountPerLeaf = trainer.MinRowsPerLeaf,
                Seed = seed,
                NumberOfThreads = 1,
            }).Fit(data).Model;
        return Flatten(parameters.TrainedTreeEnsemble, width);
    }

    internal static TreeEnsemble Flatten(RegressionTreeEnsemble ensemble, int width)
    {
        var roots = new List<int>();
        var feature = new List<int>();
        var threshold = new List<float>();
        var left = new List<int>();
        var right = new List<int>();
        var leaves = new List<double>();
        for (var index = 0; index < ensemble.Trees.Count; index++)
        {
            var tree = ensemble.Trees[index];
            var weight = ensemble.TreeWeights[index];
            if (tree.CategoricalSplitFlags.Any(flag => flag))
            {
                throw new NotSupportedException("The trainer split on sets of categories, which this scorer does not know.");
            }

            var firstNode = feature.Count;
            var firstLeaf = leaves.Count;
            leaves.AddRange(tree.LeafValues.Select(leaf => leaf * weight));
            roots.Add(tree.NumberOfNodes == 0 ? ~firstLeaf : firstNode);
            if (tree.NumberOfNodes == 0)
            {
                continue;
            }

            // Parents before children, which is what lets a reader of the file check that there is no circle.
            var order = new List<int>(tree.NumberOfNodes);
            var place = new int[tree.NumberOfNodes];
            var waiting = new Stack<int>([0]);
            while (waiting.TryPop(out var node))
            {
                place[node] = firstNode + order.Count;
                order.Add(node);
                foreach (var child in new[] { tree.RightChild[node], tree.LeftChild[node] }.Where(child => child >= 0))
                {
                    waiting.Push(child);
                }
            }

            foreach (var node in order)
            {
                feature.Add(tree.NumericalSplitFeatureIndexes[node]);
                threshold.Add(tree.NumericalSplitThresholds[node]);
                left.Add(Child(tree.LeftChild[node]));
                right.Add(Child(tree.RightChild[node]));
            }

            int Child(int child) => child >= 0 ? place[child] : ~(firstLeaf + ~child);
        }

        return new TreeEnsemble(width, ensemble.Bias, [.. roots], [.. feature], [.. threshold], [.. left], [.. right], [.. leaves]);
    }

    /// <summary>A row as ML.NET takes it.</summary>
    internal sealed class TrainingRow
    {
        public required float[] Features { get; init; }

        public required float Label { get; init; }
    }
}
