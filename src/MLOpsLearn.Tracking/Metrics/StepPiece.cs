namespace MLOpsLearn.Tracking.Metrics;

/// <summary>A stretch of one of several histories.</summary>
/// <param name="History">Which of them.</param>
/// <param name="Steps">The stretch.</param>
internal readonly record struct StepPiece(int History, Stretch Steps);

/// <summary>Takes steps evenly out of the steps of several histories together, without having all of them at hand.</summary>
internal static class StepPieces
{
    /// <summary>
    /// The pieces in the order of their steps, with regular ones that continue or repeat each other as one: runs that log every tenth step are
    /// together what the longest of them is.
    /// </summary>
    public static List<StepPiece> Union(IEnumerable<StepPiece> pieces)
    {
        var union = new List<StepPiece>();
        foreach (var alike in pieces.GroupBy(KindOf))
        {
            if (!alike.Key.IsRegular)
            {
                union.AddRange(alike);
                continue;
            }

            StepPiece? open = null;
            foreach (var piece in alike.OrderBy(piece => piece.Steps.First))
            {
                if (open is { } before && (Int128)piece.Steps.First - before.Steps.Last <= alike.Key.Stride)
                {
                    open = before with { Steps = Joined(before.Steps, Math.Max(before.Steps.Last, piece.Steps.Last), alike.Key.Stride) };
                    continue;
                }

                union.AddRange(open is { } complete ? [complete] : []);
                open = piece;
            }

            union.Add(open!.Value);
        }

        union.Sort(static (a, b) => a.Steps.First.CompareTo(b.Steps.First));
        return union;
    }

    /// <summary>Whether a step can be in one of these sorted pieces only.</summary>
    public static bool AreApart(List<StepPiece> pieces)
    {
        for (var i = 1; i < pieces.Count; i++)
        {
            if (pieces[i].Steps.First <= pieces[i - 1].Steps.Last)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Every so-manieth step and the last, or all when they are not more than <paramref name="most"/>: the pieces and the places within them.
    /// </summary>
    public static IEnumerable<(StepPiece Piece, long Place)> Evenly(List<StepPiece> pieces, int most)
    {
        var count = pieces.Sum(piece => piece.Steps.Steps);
        var (at, before) = (0, 0L);
        foreach (var place in Places(count, most))
        {
            while (place - before >= pieces[at].Steps.Steps)
            {
                before += pieces[at++].Steps.Steps;
            }

            yield return (pieces[at], place - before);
        }
    }

    private static IEnumerable<long> Places(long count, int most)
    {
        var taken = Math.Min(count, most);
        var interval = (double)count / most;
        for (var i = 0; i < taken; i++)
        {
            yield return count <= most ? i : (long)(i * interval);
        }

        if (count > most)
        {
            yield return count - 1;
        }
    }

    private static (bool IsRegular, long Stride, long Phase) KindOf(StepPiece piece)
    {
        // A step alone is the beginning of consecutive ones.
        var stride = piece.Steps.Steps == 1 ? 1 : piece.Steps.Stride;
        return stride == 0 ? default : (true, stride, ((piece.Steps.First % stride) + stride) % stride);
    }

    private static Stretch Joined(Stretch first, long last, long stride)
    {
        var steps = (long)(((Int128)last - first.First) / stride) + 1;
        return new Stretch(first.First, last, steps, steps == 1 ? 0 : stride);
    }
}
