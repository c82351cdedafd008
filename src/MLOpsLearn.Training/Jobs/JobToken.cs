using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MLOpsLearn.Training.Jobs;

/// <summary>The secret of one attempt: its worker shows it with each call, and only its hash is stored.</summary>
internal static class JobToken
{
    private const int SizeBytes = 32;

    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SizeBytes));

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    public static bool Matches(byte[]? hash, string token) => hash is not null && CryptographicOperations.FixedTimeEquals(hash, Hash(token));
}
