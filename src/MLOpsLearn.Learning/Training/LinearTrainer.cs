using System.Collections.Frozen;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using MLOpsLearn.Learning.FeatureEncoding;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Learning.Training;

/// <summary>
/// Fits a linear regression by SDCA: numbers standardised, categories and their crosses one-hot. Afterwards every category is given its weight
/// as its encoding, so a row is scored by a sum of as many numbers as there are features.
/// </summary>
internal static class LinearTrainer
{
    private const string Label = nameof(TrainingRow.Label);
    private const string Features = nameof(TrainingRow.Features);

    public static (IReadOnlyList<FeatureEncoder> Encoders, IScorer Scorer) Fit(
        PipelineSpecification specification, TrainerSpecification trainer, ModelSignature signature, ColumnTable table)
    {
        var plans = new List<Plan>();
        var width = 0;
        foreach (var feature in specification.Features)
        {
            var plan = PlanOf(feature, signature, table, width);
            plans.Add(plan);
            width += plan.Slots;
        }

        var weights = Train(trainer, specification, table, plans, width);
        var bias = (double)weights.Bias;
        var linear = new double[plans.Count];
        var encoders = new List<FeatureEncoder>();
        for (var i = 0; i < plans.Count; i++)
        {
            encoders.Add(plans[i].ToEncoder(weights.Weights, ref linear[i], ref bias));
        }

        return (encoders, new LinearModel(bias, linear));
    }

    private static LinearRegressionModelParameters Train(
        TrainerSpecification trainer, PipelineSpecification specification, ColumnTable table, List<Plan> plans, int width)
    {
        var context = new MLContext(specification.Seed);
        var schema = SchemaDefinition.Create(typeof(TrainingRow));
        schema[Features].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        var target = table.Numbers(specification.Target.Name);
        var rows = new TrainingRow[table.Rows];
        for (var row = 0; row < rows.Length; row++)
        {
            var slots = new List<(int Slot, float Value)>(plans.Count);
            foreach (var plan in plans)
            {
                plan.Add(row, slots);
            }

            rows[row] = new TrainingRow
            {
                Features = new VBuffer<float>(width, slots.Count, [.. slots.Select(slot => slot.Value)], [.. slots.Select(slot => slot.Slot)]),
                Label = (float)target.Span[row],
            };
        }

        return context.Regression.Trainers.Sdca(new SdcaRegressionTrainer.Options
        {
            LabelColumnName = Label,
            FeatureColumnName = Features,
            L2Regularization = (float)trainer.L2,
            MaximumNumberOfIterations = trainer.Iterations,
            NumberOfThreads = 1,
        }).Fit(context.Data.LoadFromEnumerable(rows, schema)).Model;
    }

    private static Plan PlanOf(FeatureSpecification feature, ModelSignature signature, ColumnTable table, int firstSlot)
    {
        if (feature.Cross is { } cross)
        {
            return new PairPlan(signature, Categories(table, cross.First), Categories(table, cross.Second), firstSlot);
        }

        var input = EncoderFitter.InputOf(signature, feature.Name);
        return feature.Kind == ColumnKind.Numeric
            ? new NumberPlan(EncoderFitter.FitNumber(feature, input, table.Numbers(feature.Name).Span), table.Numbers(feature.Name), firstSlot)
            : new CategoryPlan(input, Categories(table, feature.Name), firstSlot);
    }

    private static TableColumn.Categorical Categories(ColumnTable table, string name) => table.Find(name) as TableColumn.Categorical
        ?? throw new ArgumentException($"There is no categorical column '{name}'.", nameof(name));

    /// <summary>Where a feature lies in the trainer's vector, and how its weights become an encoder. A closed set of three.</summary>
    private abstract class Plan
    {
        public abstract int Slots { get; }

        public abstract void Add(int row, List<(int Slot, float Value)> slots);

        public abstract FeatureEncoder ToEncoder(IReadOnlyList<float> weights, ref double weight, ref double bias);
    }

    private sealed class NumberPlan(FeatureEncoder.Number encoder, ReadOnlyMemory<double> values, int slot) : Plan
    {
        private readonly (double Mean, double Deviation) _scale = ScaleOf(encoder, values.Span);

        public override int Slots => 1;

        public override void Add(int row, List<(int Slot, float Value)> slots) =>
            slots.Add((slot, (float)((Clean(encoder, values.Span[row]) - _scale.Mean) / _scale.Deviation)));

        public override FeatureEncoder ToEncoder(IReadOnlyList<float> weights, ref double weight, ref double bias)
        {
            weight = weights[slot] / _scale.Deviation;
            bias -= weight * _scale.Mean;
            return encoder;
        }

        private static double Clean(FeatureEncoder.Number encoder, double value) =>
            double.IsNaN(value) ? encoder.Missing : Math.Clamp((float)value, encoder.Low, encoder.High);

        private static (double Mean, double Deviation) ScaleOf(FeatureEncoder.Number encoder, ReadOnlySpan<double> values)
        {
            double mean = 0, m2 = 0;
            for (var i = 0; i < values.Length; i++)
            {
                var value = Clean(encoder, values[i]);
                var delta = value - mean;
                mean += delta / (i + 1);
                m2 += delta * (value - mean);
            }

            var deviation = Math.Sqrt(m2 / values.Length);
            return (mean, deviation > 0 ? deviation : 1);
        }
    }

    private sealed class CategoryPlan(int input, TableColumn.Categorical column, int firstSlot) : Plan
    {
        public override int Slots => column.Dictionary.Count;

        public override void Add(int row, List<(int Slot, float Value)> slots)
        {
            if (column.Codes.Span[row] is >= 0 and var code)
            {
                slots.Add((firstSlot + code, 1));
            }
        }

        public override FeatureEncoder ToEncoder(IReadOnlyList<float> weights, ref double weight, ref double bias)
        {
            weight = 1;
            return new FeatureEncoder.Category(
                input,
                column.Dictionary.Select((text, code) => (text, code)).ToFrozenDictionary(pair => pair.text, pair => weights[firstSlot + pair.code], StringComparer.Ordinal),
                0);
        }
    }

    private sealed class PairPlan : Plan
    {
        private readonly ModelSignature _signature;
        private readonly TableColumn.Categorical _first;
        private readonly TableColumn.Categorical _second;
        private readonly int _firstSlot;
        private readonly Dictionary<long, int> _slots = [];

        public PairPlan(ModelSignature signature, TableColumn.Categorical first, TableColumn.Categorical second, int firstSlot)
        {
            (_signature, _first, _second, _firstSlot) = (signature, first, second, firstSlot);
            for (var row = 0; row < first.Rows; row++)
            {
                if (KeyOf(row) is { } key)
                {
                    _slots.TryAdd(key, _slots.Count);
                }
            }
        }

        public override int Slots => _slots.Count;

        public override void Add(int row, List<(int Slot, float Value)> slots)
        {
            if (KeyOf(row) is { } key)
            {
                slots.Add((_firstSlot + _slots[key], 1));
            }
        }

        public override FeatureEncoder ToEncoder(IReadOnlyList<float> weights, ref double weight, ref double bias)
        {
            weight = 1;
            return new FeatureEncoder.Pair(
                EncoderFitter.InputOf(_signature, _first.Name),
                EncoderFitter.InputOf(_signature, _second.Name),
                EncoderFitter.IndexOf(_first),
                EncoderFitter.IndexOf(_second),
                _slots.ToFrozenDictionary(pair => pair.Key, pair => weights[_firstSlot + pair.Value]),
                0);
        }

        private long? KeyOf(int row)
        {
            var (first, second) = (_first.Codes.Span[row], _second.Codes.Span[row]);
            return first < 0 || second < 0 ? null : FeatureEncoder.Pair.PairKey(first, second);
        }
    }

    /// <summary>A row as ML.NET takes it: mostly zeros, so only the rest is stored.</summary>
    private sealed class TrainingRow
    {
        public required VBuffer<float> Features { get; init; }

        public required float Label { get; init; }
    }
}
