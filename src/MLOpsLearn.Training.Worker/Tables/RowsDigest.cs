using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Training.Worker.Tables;

/// <summary>SHA-256 over the content of rows: event times and every column in order. Equal rows have equal digests, wherever they were read from.</summary>
internal static class RowsDigest
{
    public static string Of(PreparedRows rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<long>(rows.Times.Select(time => time.Ticks).ToArray()));
        foreach (var column in rows.Table.Columns)
        {
            Append(hash, column.Name);
            switch (column)
            {
                case TableColumn.Numeric numeric:
                    hash.AppendData(MemoryMarshal.AsBytes(numeric.Values.Span));
                    break;
                case TableColumn.Categorical categorical:
                    // Codes alone would depend on the dictionary's order in the whole table.
                    var digests = categorical.Dictionary.Select(text => BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)))).ToArray();
                    var values = new long[categorical.Rows];
                    for (var i = 0; i < values.Length; i++)
                    {
                        values[i] = categorical.Codes.Span[i] is var code and >= 0 ? digests[code] : 0;
                    }

                    hash.AppendData(MemoryMarshal.AsBytes<long>(values));
                    break;
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0]);
    }
}
