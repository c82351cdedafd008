using System.Text.RegularExpressions;
using CsCheck;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.DataQuality;
using MLOpsLearn.Statistics.Derived;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Tests.Properties;
using Xunit;

namespace MLOpsLearn.Statistics.Tests;

public sealed class DataQualityTests
{
    [Fact]
    public void Numeric_summary_equals_its_definition() => Samples.Value.Array[1, 60].Sample(x =>
    {
        var summary = new NumericSummary(NumericSample.Create(x));
        double n = x.Length, mean = x.Average(), m2 = Power(2), m3 = Power(3), m4 = Power(4);
        double Power(int k) => x.Sum(v => Math.Pow(v - mean, k)) / n;
        var common = x.GroupBy(v => v).Max(group => group.Count()) / n;
        return Same(mean, summary.Mean) && Same(Math.Sqrt(m2), summary.StandardDeviationPopulation)
            && Same(n < 2 ? null : Math.Sqrt(m2 * n / (n - 1)), summary.StandardDeviationSample)
            && (m2 < 1e-12 || (Same(m3 / Math.Pow(m2, 1.5), summary.SkewnessPopulation, 1e-7) && Same(m4 / (m2 * m2) - 3, summary.ExcessKurtosisPopulation, 1e-7)))
            && summary.Distinct == x.Distinct().Count() && summary.Zeros == x.Count(v => v == 0) && summary.Negatives == x.Count(v => v < 0)
            && summary.MostCommonShare == common && summary.IsConstant == (x.Distinct().Count() == 1) && summary.IsNearConstant == (common >= 0.99)
            && Same(BruteForce.Quantile7(x, 0.3), summary.Quantile(0.3)) && summary.Minimum == x.Min() && summary.Maximum == x.Max();
    });

    [Fact]
    public void Categorical_summary_and_rows_equal_their_definitions() =>
        Gen.Select(Gen.Int[0, 5].Array[1, 40], Gen.Int[0, 2].Array[80]).Sample((codes, cells) =>
        {
            string?[] names = [null, "", "  ", "a", "b", "B"];
            string?[] values = [.. codes.Select(c => names[c])];
            string[] present = [.. values.OfType<string>()];
            var summary = new CategoricalSummary(CategoricalSample.Create(values));
            var shares = present.GroupBy(v => v, StringComparer.Ordinal).Select(g => (double)g.Count() / present.Length).ToArray();
            object?[][] rows = [.. codes.Select((_, i) => new object?[] { cells[2 * i] == 0 ? null : cells[2 * i], cells[2 * i + 1] })];
            string[] text = [.. rows.Select(row => string.Join("|", row.Select(cell => cell ?? "null")))];
            var table = RowSummary.Of(rows);
            object?[][] keyed = [.. rows.Where(row => row[0] is not null)];
            return summary.Counts.Null == values.Count(v => v is null) && summary.Empty == present.Count(v => v == "")
                && summary.Blank == present.Count(v => v == "  ") && summary.Distinct == shares.Length
                && Same(present.Length == 0 ? null : -shares.Sum(p => p * Math.Log(p)), summary.EntropyNats)
                && summary.Top(5).Select(c => (c.Key.ToString(), c.Count)).SequenceEqual(present.GroupBy(v => v, StringComparer.Ordinal)
                    .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(5).Select(g => (g.Key, (long)g.Count())))
                && table.DuplicateRows == text.Length - text.Distinct().Count() && table.RowsInDuplicateGroups == text.Count(t => text.Count(o => o == t) > 1)
                && table.RowsWithNull == rows.Count(row => row[0] is null)
                && Same(rows.Sum(row => row.Count(cell => cell is null)) / (2.0 * rows.Length), table.CellNullShare)
                && RowSummary.DuplicateKeys(rows.Select(row => new[] { row[0] })) == keyed.Length - keyed.Select(row => row[0]).Distinct().Count();
        });

    [Fact]
    public void Out_of_range_is_judged_against_chance() => Samples.Pair.Sample(
        (r, c) =>
        {
            var pair = NumericPair.Create(r, c);
            RangeCheck range = RangeCheck.ReferenceRange(pair)!, tukey = RangeCheck.Tukey(pair)!;
            int outside = c.Count(x => x < r.Min() || x > r.Max()), m = c.Length;
            double chance = Math.Min(1, 2.0 / (r.Length + 1)), q1 = BruteForce.Quantile7(r, 0.25), q3 = BruteForce.Quantile7(r, 0.75);
            var tail = Enumerable.Range(outside, m - outside + 1).Sum(k =>
                (double)NumericDefinitions.Binomial(m, k) * Math.Pow(chance, k) * Math.Pow(1 - chance, m - k));
            bool Far(double x) => x < q1 - 1.5 * (q3 - q1) || x > q3 + 1.5 * (q3 - q1);
            return range.Outside == outside && Math.Abs(tail - range.PValue!.Value) < 1e-9
                && tukey.Outside == c.Count(Far) && Same((double)r.Count(Far) / r.Length, tukey.ExpectedShare) && tukey.PValue is >= 0 and <= 1;
        },
        iter: 300);

    [Fact]
    public void Declared_sets_and_patterns_count_every_violation()
    {
        var sample = CategoricalSample.Create(["a1", "a2", "b1", "b1", null]);
        var set = DeclaredValues.CheckSet(sample, new HashSet<CategoryKey> { "a1", "a2" });
        Assert.Equal((2, 0.5), (set.Rows, set.Share));
        Assert.Equal([new CategoryCount("b1", 2)], set.Violations);
        Assert.Equal([new CategoryCount("a2", 1)], DeclaredValues.CheckPattern(sample, new Regex("^.1$", RegexOptions.NonBacktracking)).Violations);
        Assert.Null(DeclaredValues.CheckSet(CategoricalSample.Create([]), new HashSet<CategoryKey>()).Share);
    }

    [Fact]
    public void Schema_changes_are_named()
    {
        var change = SchemaChange.Between([("a", "int"), ("b", "text"), ("c", "int")], [("c", "int"), ("b", "int"), ("d", "int")]);
        Assert.Equal(["a"], change.Missing);
        Assert.Equal(["d"], change.Extra);
        Assert.True(change.Reordered && change.IsBreak);
        Assert.Equal([("b", "text", "int")], change.Retyped);
        Assert.False(SchemaChange.Between([("a", "int"), ("b", "int")], [("b", "int"), ("a", "int")]).IsBreak);
    }

    [Fact]
    public void Volume_varies_at_least_as_counts_do()
    {
        var steady = VolumeCheck.Limits([100, 100, 100])!;
        Assert.Equal((70, 130), (steady.Lower, steady.Upper));
        Assert.Equal(0, VolumeCheck.Limits([4, 2, 3])!.Lower);
        Assert.Null(VolumeCheck.Limits([]));
        Assert.Null(VolumeCheck.Freshness(null, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Correlation_change_equals_its_definition() => Gen.Double[-3, 3].Array[120].Sample(
        x =>
        {
            double[][] Side(double sign) => [x[..40], [.. x[..40].Select((v, i) => sign * v + x[40 + i])], [double.NaN, .. x[81..]]];
            double[][] r = Side(1), c = Side(-1);
            var change = CorrelationChange.Between(r, c);
            double Pearson(double[] a, double[] b)
            {
                var rows = a.Zip(b).Where(p => double.IsFinite(p.First + p.Second)).ToArray();
                double ma = rows.Average(p => p.First), mb = rows.Average(p => p.Second);
                return rows.Sum(p => (p.First - ma) * (p.Second - mb))
                    / Math.Sqrt(rows.Sum(p => Math.Pow(p.First - ma, 2)) * rows.Sum(p => Math.Pow(p.Second - mb, 2)));
            }

            double Z(double p, double q, int n) => (Math.Atanh(q) - Math.Atanh(p)) / Math.Sqrt(2.0 / (n - 3));
            return change.Pairs.All(pair =>
            {
                double before = Pearson(r[pair.First], r[pair.Second]), after = Pearson(c[pair.First], c[pair.Second]);
                var rows = pair.Second == 2 ? 39 : 40;
                return Same(before, pair.Reference) && Same(after, pair.Current)
                    && Same(2 * NumericDefinitions.NormalTail(Math.Abs(Z(before, after, rows))), pair.PValue) && pair.AdjustedPValue >= pair.PValue;
            }) && Same(change.Pairs.Max(pair => Math.Abs(pair.Current!.Value - pair.Reference!.Value)), change.LargestDifference);
        },
        iter: 40);

    [Theory]
    [InlineData("12.5", 12.5)]
    [InlineData(" -1e3 ", -1000.0)]
    [InlineData("12,5", null)]
    [InlineData("1,000", null)]
    [InlineData("n/a", null)]
    [InlineData("NaN", null)]
    [InlineData("inf", null)]
    [InlineData("", null)]
    public void Numbers_are_read_the_same_everywhere(string text, double? expected) =>
        Assert.Equal(expected, NumberText.TryParse(text, out var value) ? value : null);

    [Fact]
    public void Preprocessing_has_an_identity()
    {
        Assert.Equal("pre=nfc|trim|lower", new TextPreprocessing(true, true, true).Identity);
        Assert.Equal("caf\u00e9", new TextPreprocessing(Trim: true, FoldCase: true).Apply(" CAF\u00c9 "));
        if (TextPreprocessing.CanNormalise)
        {
            Assert.Equal("caf\u00e9", new TextPreprocessing(true, true, true).Apply(" CAFE\u0301 "));
            Assert.Equal("\ud800", new TextPreprocessing(Normalise: true).Apply("\ud800"));
        }
        else
        {
            Assert.Throws<PlatformNotSupportedException>(() => new TextPreprocessing(Normalise: true).Apply("a"));
        }

        Assert.Equal(" A", new TextPreprocessing().Apply(" A"));
    }

    private static bool Same(double? expected, double? actual, double tolerance = 1e-9) =>
        expected is null == actual is null && (expected is null || Samples.Close(expected.Value, actual!.Value, tolerance));
}
