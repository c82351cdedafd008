using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Segments;

/// <summary>Gathers rows from batches and segments into one <see cref="RowSet"/>.</summary>
internal sealed class RowSetBuilder
{
    private readonly List<string> _ids = [];
    private readonly List<int> _rows = [];
    private readonly List<long> _times = [];
    private readonly List<int> _versions = [];
    private readonly List<double> _live = [];
    private readonly Dictionary<int, List<double>> _shadows = [];
    private readonly Dictionary<string, List<double>> _numbers = [];
    private readonly Dictionary<string, CodedColumn> _categories = [];

    public RowSetBuilder(Subject subject)
    {
        foreach (var column in subject.Columns)
        {
            if (column.Kind == FeatureKind.Numeric)
            {
                _numbers[column.Name] = [];
            }
            else
            {
                _categories[column.Name] = new CodedColumn();
            }
        }
    }

    public IEnumerable<string> NumericColumns => _numbers.Keys;

    public IEnumerable<string> CategoricalColumns => _categories.Keys;

    /// <summary>Adds the rows of a batch that are wanted.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="isWanted">Given the place in the batch and the event time.</param>
    public void Add(PredictionBatch batch, Func<int, long, bool> isWanted)
    {
        var wanted = new List<int>(batch.EventTimesMs.Count);
        var place = 0;
        foreach (var request in batch.Requests)
        {
            for (var i = 0; i < request.Rows; i++, place++)
            {
                if (!isWanted(place, batch.EventTimesMs[place]))
                {
                    continue;
                }

                wanted.Add(place);
                _ids.Add(request.PredictionId);
                _rows.Add(request.FirstRow + i);
                _times.Add(batch.EventTimesMs[place]);
                _versions.Add(batch.Arms[0].Version);
                _live.Add(batch.Arms[0].Predictions[place]);
            }
        }

        foreach (var column in batch.Columns)
        {
            if (_numbers.TryGetValue(column.Name, out var numbers))
            {
                foreach (var row in wanted)
                {
                    numbers.Add(column.Numbers[row]);
                }
            }
            else if (_categories.TryGetValue(column.Name, out var coded))
            {
                coded.Add(wanted.Select(row => column.Codes[row]), column.Categories);
            }
        }

        foreach (var arm in batch.Arms.Skip(1))
        {
            AddShadow(arm.Version, wanted.Select(row => arm.Predictions[row]));
        }

        PadShadows();
    }

    /// <summary>Adds the rows of a segment that are wanted.</summary>
    public void Add(RowSet segment, Func<int, long, bool> isWanted)
    {
        var wanted = Enumerable.Range(0, segment.Count).Where(row => isWanted(row, segment.EventTimesMs[row])).ToList();
        foreach (var row in wanted)
        {
            _ids.Add(segment.PredictionIds[row]);
            _rows.Add(segment.RowNumbers[row]);
            _times.Add(segment.EventTimesMs[row]);
            _versions.Add(segment.LiveVersions[row]);
            _live.Add(segment.Live[row]);
        }

        foreach (var (name, numbers) in _numbers)
        {
            numbers.AddRange(wanted.Select(row => segment.Numbers[name][row]));
        }

        foreach (var (name, coded) in _categories)
        {
            var (codes, dictionary) = segment.Categories[name];
            coded.Add(wanted.Select(row => codes[row]), dictionary);
        }

        foreach (var (version, predictions) in segment.Shadows)
        {
            AddShadow(version, wanted.Select(row => predictions[row]));
        }

        PadShadows();
    }

    public RowSet Build() => new(
        [.. _ids],
        [.. _rows],
        [.. _times],
        _numbers.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray()),
        _categories.ToDictionary(pair => pair.Key, pair => (pair.Value.Codes.ToArray(), (IReadOnlyList<string>)pair.Value.Dictionary)),
        [.. _versions],
        [.. _live],
        _shadows.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray()));

    private void AddShadow(int version, IEnumerable<double> predictions)
    {
        if (!_shadows.TryGetValue(version, out var shadow))
        {
            _shadows[version] = shadow = [];
        }

        // Rows before the first that this version scored: it knows nothing of them. The caller's rows are counted already.
        var scored = predictions.ToList();
        while (shadow.Count < _ids.Count - scored.Count)
        {
            shadow.Add(double.NaN);
        }

        shadow.AddRange(scored);
    }

    private void PadShadows()
    {
        foreach (var shadow in _shadows.Values)
        {
            while (shadow.Count < _ids.Count)
            {
                shadow.Add(double.NaN);
            }
        }
    }

    /// <summary>A categorical column whose parts bring dictionaries of their own.</summary>
    private sealed class CodedColumn
    {
        private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);

        public List<int> Codes { get; } = [];

        public List<string> Dictionary { get; } = [];

        public void Add(IEnumerable<int> codes, IReadOnlyList<string> dictionary)
        {
            var translation = new int[dictionary.Count];
            for (var i = 0; i < translation.Length; i++)
            {
                if (!_known.TryGetValue(dictionary[i], out translation[i]))
                {
                    translation[i] = Dictionary.Count;
                    _known.Add(dictionary[i], translation[i]);
                    Dictionary.Add(dictionary[i]);
                }
            }

            foreach (var code in codes)
            {
                Codes.Add(code < 0 ? -1 : translation[code]);
            }
        }
    }
}
