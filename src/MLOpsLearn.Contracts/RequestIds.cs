using System.Security.Cryptography;
using System.Text;

namespace MLOpsLearn.Contracts;

/// <summary>Idempotency keys that follow from what a call is for, so that whoever takes a piece of work up again sends the same key.</summary>
public static class RequestIds
{
    /// <summary>A UUID made of the SHA-256 of <paramref name="parts"/>, for example a job's id and the name of a step.</summary>
    public static string Derive(params ReadOnlySpan<string> parts)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        // A separator that no part contains keeps ("ab", "c") and ("a", "bc") apart.
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts!)), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString("D");
    }
}
