using System.Text;
using MLOpsLearn.Statistics.Quality;
using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics.Drift;

/// <summary>
/// Which side a text comes from, by logistic regression on TF-IDF of its words: trained on one half of the rows, the area under the ROC
/// curve on the other. Of the kind that Evidently uses; model and seed differ, so areas agree only roughly.
/// </summary>
internal static class TextClassifier
{
    public const string Method = "domain-classifier(tf-idf,model=logistic-sgd,split=0.5,seed=1)";
    private const int Epochs = 20;
    private const double Decay = 1e-4;
    private const int SmallestWord = 2;

    /// <returns>Null when a half lacks one of the sides or no word.</returns>
    public static double? Area(IReadOnlyList<string> reference, IReadOnlyList<string> current, CancellationToken cancellationToken)
    {
        var random = new SeededRandom(1);
        int[] left = Order(reference.Count, ref random), right = Order(current.Count, ref random);
        (string Text, double Side)[] train = [.. left[..(left.Length / 2)].Select(i => (reference[i], 0.0)), .. right[..(right.Length / 2)].Select(i => (current[i], 1.0))];
        (string Text, double Side)[] test = [.. left[(left.Length / 2)..].Select(i => (reference[i], 0.0)), .. right[(right.Length / 2)..].Select(i => (current[i], 1.0))];
        var words = new Dictionary<string, (int Index, int Rows)>(StringComparer.Ordinal);
        foreach (var (text, _) in train)
        {
            foreach (var word in Words(text).Distinct())
            {
                words[word] = words.TryGetValue(word, out var known) ? (known.Index, known.Rows + 1) : (words.Count, 1);
            }
        }

        var rows = Array.ConvertAll(train, row => Vector(row.Text, words, train.Length));
        var weights = new double[words.Count];
        double bias = 0, step = 0;
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var i in Order(train.Length, ref random))
            {
                var rate = 1 / (1 + Decay * step++);
                var gap = train[i].Side - 1 / (1 + Math.Exp(-Score(rows[i], weights, bias)));
                bias += rate * gap * 0.1;
                foreach (var (index, value) in rows[i])
                {
                    weights[index] += rate * (gap * value - Decay * weights[index]);
                }
            }
        }

        return new ScoreCurve(
            Array.ConvertAll(test, row => Score(Vector(row.Text, words, train.Length), weights, bias)),
            Array.ConvertAll(test, row => row.Side)).RocAuc();
    }

    private static double Score(List<(int Index, double Value)> row, double[] weights, double bias)
    {
        foreach (var (index, value) in row)
        {
            bias += weights[index] * value;
        }

        return bias;
    }

    // (1 + ln tf) (1 + ln((1 + n) / (1 + df))), scaled to length 1.
    private static List<(int Index, double Value)> Vector(string text, Dictionary<string, (int Index, int Rows)> words, int rows)
    {
        var vector = new List<(int Index, double Value)>();
        var square = 0.0;
        foreach (var group in Words(text).GroupBy(word => word, StringComparer.Ordinal))
        {
            if (words.TryGetValue(group.Key, out var known))
            {
                var value = (1 + Math.Log(group.Count())) * (1 + Math.Log((1.0 + rows) / (1.0 + known.Rows)));
                vector.Add((known.Index, value));
                square += value * value;
            }
        }

        return [.. vector.Select(item => (item.Index, item.Value / Math.Sqrt(square)))];
    }

    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var character in text)
        {
            if (char.IsLetterOrDigit(character))
            {
                word.Append(char.ToLowerInvariant(character));
                continue;
            }

            if (word.Length >= SmallestWord)
            {
                yield return word.ToString();
            }

            word.Clear();
        }

        if (word.Length >= SmallestWord)
        {
            yield return word.ToString();
        }
    }

    private static int[] Order(int count, ref SeededRandom random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Choose(order.AsSpan(), count);
        return order;
    }
}
