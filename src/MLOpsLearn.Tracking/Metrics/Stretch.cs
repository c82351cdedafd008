using System.Data.Common;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>
/// Distinct steps of a history that follow each other. With a stride they are the first, the last, and every so-manieth between them, so that
/// a regular history is one stretch however long it is. Without one they are somewhere between the two, and at most <see cref="MostIrregular"/>.
/// </summary>
/// <param name="First">The lowest step.</param>
/// <param name="Last">The highest step.</param>
/// <param name="Steps">How many distinct steps there are; 0 when nobody counted them.</param>
/// <param name="Stride">The distance between two steps; 0 when it varies, and of a single step.</param>
internal readonly record struct Stretch(long First, long Last, long Steps, long Stride)
{
    /// <summary>How many steps of no regular distance one stretch takes: finding one of them means reading as many.</summary>
    public const int MostIrregular = 64;

    public bool IsRegular => Stride > 0 || Steps == 1;

    public static Stretch Of(long step) => new(step, step, 1, 0);

    /// <summary>The columns first_step, last_step, steps, stride.</summary>
    public static Stretch Read(DbDataReader row, int at) => new(row.GetInt64(at), row.GetInt64(at + 1), row.GetInt64(at + 2), row.GetInt64(at + 3));

    /// <summary>The step at a place counted from 0; of a regular stretch only.</summary>
    public long this[long place] => First + (Stride * place);

    /// <summary>With one more step, which lies after the last; null when that one begins a stretch of its own.</summary>
    public Stretch? With(long step)
    {
        // The distance of two numbers of opposite signs may be none that a long can hold.
        var distance = step - Last is var gap && gap > 0 ? gap : 0;
        var isRegular = distance > 0 && (Steps == 1 || distance == Stride);
        return isRegular ? new Stretch(First, step, Steps + 1, distance)
            : Steps < MostIrregular ? new Stretch(First, step, Steps + 1, 0)
            : null;
    }

    /// <summary>What of a regular stretch lies from one step to another, both included; null when nothing does.</summary>
    public Stretch? Within(long start, long end)
    {
        if (First >= start && Last <= end)
        {
            return this;
        }

        if (Last < start || First > end)
        {
            return null;
        }

        var skipped = First >= start ? 0 : (long)(((Int128)start - First + Stride - 1) / Stride);
        var upTo = Last <= end ? Steps - 1 : (long)(((Int128)end - First) / Stride);
        return skipped > upTo ? null : new Stretch(this[skipped], this[upTo], upTo - skipped + 1, upTo == skipped ? 0 : Stride);
    }
}
