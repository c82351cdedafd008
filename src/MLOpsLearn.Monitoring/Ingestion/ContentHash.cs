using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>A 64-bit hash over the rows of one request in a batch (FNV-1a over 64-bit words): inputs, times and the live predictions.</summary>
internal static class ContentHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static long Of(PredictionBatch batch, int start, int rows)
    {
        var hash = Offset;
        for (var row = start; row < start + rows; row++)
        {
            hash = Mix(hash, (ulong)batch.EventTimesMs[row]);
            hash = Mix(hash, (ulong)BitConverter.DoubleToInt64Bits(batch.Arms[0].Predictions[row]));
        }

        // In order of names: the same request may come again with its columns in another order.
        foreach (var column in batch.Columns.OrderBy(column => column.Name, StringComparer.Ordinal))
        {
            if (column.Numbers.Count > 0)
            {
                for (var row = start; row < start + rows; row++)
                {
                    hash = Mix(hash, (ulong)BitConverter.DoubleToInt64Bits(column.Numbers[row]));
                }

                continue;
            }

            // Codes mean nothing outside their batch; the categories do.
            var words = column.Categories.Select(Of).ToArray();
            for (var row = start; row < start + rows && column.Codes.Count > 0; row++)
            {
                hash = Mix(hash, column.Codes[row] < 0 ? 0 : words[column.Codes[row]]);
            }
        }

        return (long)hash;
    }

    private static ulong Of(string text)
    {
        var hash = Offset;
        foreach (var c in text)
        {
            hash = Mix(hash, c);
        }

        return hash;
    }

    private static ulong Mix(ulong hash, ulong word) => (hash ^ word ^ (word >> 32)) * Prime;
}
