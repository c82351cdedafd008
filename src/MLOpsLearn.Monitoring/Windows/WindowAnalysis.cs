using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.References;
using MLOpsLearn.Monitoring.Segments;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Quality;

namespace MLOpsLearn.Monitoring.Windows;

/// <summary>Turns the rows of a window into its result. Pure.</summary>
internal static class WindowAnalysis
{
    private const int ShownCategories = 20;

    /// <summary>Inputs against the reference; columns that can't be compared are findings, not drift.</summary>
    public static void AddDrift(WindowResult result, Subject subject, RowSet rows, ReferenceRows? reference, CancellationToken cancellationToken)
    {
        result.Features.Clear();
        result.DataQualityFindings.Clear();
        result.DriftDetected = false;
        if (reference is null)
        {
            return;
        }

        var current = subject.Columns.Where(column => !column.Untested).Select(column => column.Kind == FeatureKind.Numeric
            ? DriftColumn.Numeric(column.Name, rows.Numbers[column.Name])
            : DriftColumn.Categorical(column.Name, rows.Categories[column.Name].Codes, rows.Categories[column.Name].Dictionary)).ToList();
        var report = DriftReport.Compare(reference.Columns, current, cancellationToken: cancellationToken);
        result.DriftDetected = report.Drifted;
        foreach (var column in report.Columns)
        {
            result.Features.Add(View(column));
            if (column.Undefined is { } reason)
            {
                result.DataQualityFindings.Add($"{column.Name}: no verdict ({reason.WireName()})");
            }

            if (column.NewCategoryShare > 0)
            {
                result.DataQualityFindings.Add(FormattableString.Invariant($"{column.Name}: {column.NewCategoryShare:P2} of the rows have categories that the reference does not know"));
            }

            if (column.Missingness?.Drifted == true)
            {
                result.DataQualityFindings.Add(FormattableString.Invariant($"{column.Name}: {column.Current.MissingShare:P2} missing, {column.Reference.MissingShare:P2} in the reference"));
            }
        }
    }

    /// <summary>Errors of the live rows and of each shadow version on the rows that have a label.</summary>
    public static void AddQuality(WindowResult result, RowSet rows, double[] labels, double? referenceSkill)
    {
        result.Quality.Clear();
        result.ClearSkillDrop();
        result.LabelledRows = labels.Count(double.IsFinite);
        var live = RegressionQuality.Measure(labels, rows.Live);
        result.Quality.Add(View(live, result.LastVersion, shadow: false));
        foreach (var (version, predictions) in rows.Shadows.OrderBy(pair => pair.Key))
        {
            var shadow = RegressionQuality.Measure(labels, predictions);
            if (shadow.Rows > 0)
            {
                result.Quality.Add(View(shadow, version, shadow: true));
            }
        }

        if (referenceSkill is { } promised && live.Skill is { } skill)
        {
            result.SkillDrop = promised - skill;
        }
    }

    /// <summary>Who answered, and how many rows there are.</summary>
    public static void AddRows(WindowResult result, RowSet rows)
    {
        result.Rows = rows.Count;
        result.LiveVersions.Clear();
        result.LiveVersions.Add(rows.LiveVersions.Distinct().Order());
        var last = 0;
        for (var row = 1; row < rows.Count; row++)
        {
            if (rows.EventTimesMs[row] >= rows.EventTimesMs[last])
            {
                last = row;
            }
        }

        result.LastVersion = rows.LiveVersions[last];
    }

    /// <summary>The number that a monitor watches; null when undefined.</summary>
    public static double? ValueOf(MonitorKind kind, WindowResult result)
    {
        var live = result.Quality.FirstOrDefault(arm => !arm.Shadow);
        return kind switch
        {
            MonitorKind.Drift => result.Features.Count == 0 ? null : (double)result.Features.Count(feature => feature.Drifted) / result.Features.Count,
            MonitorKind.MissingShare => result.Features.Count == 0 ? null : result.Features.Max(feature => feature.MissingShare),
            MonitorKind.SkillDrop => result.HasSkillDrop ? result.SkillDrop : null,
            MonitorKind.Rmse => live is null || double.IsNaN(live.Rmse) ? null : live.Rmse,
            _ => live is null || double.IsNaN(live.Mae) ? null : live.Mae,
        };
    }

    /// <summary>Drifted columns, the strongest effect first.</summary>
    public static IReadOnlyList<string> TopColumns(WindowResult result) =>
        [.. result.Features.Where(feature => feature.Drifted).OrderByDescending(feature => feature.Test.Effect).Take(5).Select(feature => feature.Column)];

    public static WindowResult NewResult(Subject subject, ObservationWindow window) => window.ToProto() ?? new WindowResult
    {
        Endpoint = subject.Endpoint,
        Start = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(window.StartMs)),
        End = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(window.EndMs)),
        QualityStatus = "undefined(labels_pending)",
    };

    private static ArmQuality View(RegressionQuality quality, int version, bool shadow) => new()
    {
        Version = version,
        Shadow = shadow,
        Rows = quality.Rows,
        Rmse = quality.Rmse ?? double.NaN,
        Mae = quality.Mae ?? double.NaN,
        Skill = quality.Skill ?? double.NaN,
        Bias = quality.Bias ?? double.NaN,
    };

    private static FeatureDrift View(ColumnDrift column)
    {
        var test = column.Values;
        var measurement = new Measurement { Method = test.Test.Method, UndefinedReason = test.Test.Undefined?.WireName() ?? "" };
        if (test.Test.Statistic is { } statistic)
        {
            measurement.Statistic = statistic;
        }

        if (test.Test.PValue is { } p)
        {
            measurement.PValue = p;
        }

        if (test.AdjustedPValue is { } adjusted)
        {
            measurement.AdjustedPValue = adjusted;
        }

        if (test.Effect.Statistic is { } effect)
        {
            measurement.Effect = effect;
        }

        return new FeatureDrift
        {
            Column = column.Name,
            Kind = column.Kind == ColumnKind.Numeric ? FeatureKind.Numeric : FeatureKind.Categorical,
            Drifted = column.Drifted,
            Test = measurement,
            EffectMethod = test.Effect.Method,
            Psi = column.Psi ?? double.NaN,
            MissingShare = column.Current.MissingShare ?? 0,
            ReferenceMissingShare = column.Reference.MissingShare ?? 0,
            NewCategories = { column.NewCategories.Take(ShownCategories).Select(category => category.Key.ToString()) },
            NewCategoryShare = column.NewCategoryShare,
        };
    }
}
