namespace MLOpsLearn.Statistics.Numeric;

/// <summary>Everything that one walk over two sorted samples gives: the sums behind KS, W1, energy, CvM, AD and Mann-Whitney.</summary>
internal readonly record struct PooledSweep
{
    /// <summary>Largest |i m - j n| over distinct values: n m times the Kolmogorov-Smirnov distance, as an exact integer.</summary>
    public long LargestGap { get; private init; }

    /// <summary>Integral of |F - G|.</summary>
    public double Area { get; private init; }

    /// <summary>Integral of (F - G)^2.</summary>
    public double SquaredArea { get; private init; }

    /// <summary>Twice the sum of the reference's midranks, an exact integer below 2^63.</summary>
    public double TwiceRankSum { get; private init; }

    /// <summary>Sum of t^3 - t over groups of equal values.</summary>
    public double TieTerm { get; private init; }

    /// <summary>Four times the sum of (midrank - rank within the reference)^2. Exact: the statistic is a small difference of such sums.</summary>
    public Int128 ReferenceRankSquares { get; private init; }

    /// <summary>Four times the sum of (midrank - rank within the current side)^2.</summary>
    public Int128 CurrentRankSquares { get; private init; }

    /// <summary>Sum over distinct values of l (N M - n B)^2 / (B (N - B) - N l / 4), of section 3.3.</summary>
    public double AndersonSum { get; private init; }

    /// <summary>Number of distinct pooled values.</summary>
    public int Distinct { get; private init; }

    public static PooledSweep Of(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        int n = reference.Length, m = current.Length;
        double total = (double)n + m, quarter = total / 4;
        double perN = 1.0 / n, perM = 1.0 / m;
        int i = 0, j = 0, distinct = 0;
        long gap = 0;
        double area = 0, areaBlock = 0, squared = 0, squaredBlock = 0;
        double rankSum = 0, ties = 0, anderson = 0, andersonBlock = 0;
        Int128 referenceSquares = 0, currentSquares = 0;
        ulong referenceBlock = 0, currentBlock = 0;
        var previous = 0.0;
        while (i < n || j < m)
        {
            var value = j >= m || (i < n && reference[i] <= current[j]) ? reference[i] : current[j];
            if (distinct > 0)
            {
                var difference = Math.Abs(i * perN - j * perM);
                var step = value - previous;
                areaBlock += difference * step;
                squaredBlock += difference * difference * step;
            }

            int i0 = i, j0 = j;
            while (i < n && reference[i] == value)
            {
                i++;
            }

            while (j < m && current[j] == value)
            {
                j++;
            }

            double a = i - i0, b = j - j0, l = a + b, before = (double)i0 + j0;
            distinct++;
            previous = value;
            gap = Math.Max(gap, Math.Abs((long)i * m - (long)j * n));
            rankSum += a * (2 * before + l + 1);
            ties += l * (l * l - 1);
            if (l == 1)
            {
                // A value of its own: the difference of its ranks is what the other side has before it.
                referenceBlock += (ulong)(i - i0) * (ulong)j0 * (ulong)j0;
                currentBlock += (ulong)(j - j0) * (ulong)i0 * (ulong)i0;
            }
            else
            {
                var twiceMidrank = (long)i0 + j0 + i + j + 1;
                referenceSquares += SquaresFrom(twiceMidrank - 2L * i0, i - i0);
                currentSquares += SquaresFrom(twiceMidrank - 2L * j0, j - j0);
            }

            var middle = before + l / 2;
            var shift = total * (i - a / 2) - n * middle;
            var width = middle * (total - middle) - quarter * l;
            andersonBlock += width > 0 ? l * (shift * shift) / width : 0;

            // Sums in blocks keep the rounding error of millions of terms near that of a few thousand.
            if ((distinct & 1023) == 0)
            {
                referenceSquares += 4 * (Int128)referenceBlock;
                currentSquares += 4 * (Int128)currentBlock;
                referenceBlock = currentBlock = 0;
                area += areaBlock;
                squared += squaredBlock;
                anderson += andersonBlock;
                areaBlock = squaredBlock = andersonBlock = 0;
            }
        }

        return new()
        {
            LargestGap = gap,
            Area = area + areaBlock,
            SquaredArea = squared + squaredBlock,
            TwiceRankSum = rankSum,
            TieTerm = ties,
            ReferenceRankSquares = referenceSquares + 4 * (Int128)referenceBlock,
            CurrentRankSquares = currentSquares + 4 * (Int128)currentBlock,
            AndersonSum = anderson + andersonBlock,
            Distinct = distinct,
        };
    }

    // Sum of (d - 2k)^2 for k = 1..count.
    private static Int128 SquaresFrom(long d, long count) => count switch
    {
        0 => 0,
        1 => (Int128)(d - 2) * (d - 2),
        _ => (Int128)count * d * d - 2 * (Int128)d * count * (count + 1) + 2 * (Int128)count * (count + 1) * (2 * (Int128)count + 1) / 3,
    };
}
