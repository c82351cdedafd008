using System.Globalization;
using System.Security.Cryptography;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>A name for a run that came without one, of at most 20 characters, such as "calm-otter-417".</summary>
internal static class RunNames
{
    private static readonly string[] Qualities =
    [
        "able", "bold", "brave", "bright", "calm", "clean", "clever", "cool", "crisp", "deep", "fair", "fast", "fine", "firm", "fond", "free",
        "glad", "grand", "keen", "kind", "light", "lively", "loud", "lucky", "mild", "neat", "noble", "proud", "quick", "quiet", "rare", "rich",
        "sharp", "smart", "smooth", "steady", "sunny", "swift", "warm", "wise",
    ];

    private static readonly string[] Animals =
    [
        "ant", "badger", "bat", "bear", "bee", "bison", "boar", "cod", "crab", "crane", "crow", "deer", "dove", "duck", "eagle", "eel", "elk",
        "finch", "fox", "frog", "goat", "goose", "hare", "hawk", "heron", "horse", "jay", "kite", "lark", "lynx", "mole", "moose", "mouse", "newt",
        "otter", "owl", "panda", "perch", "quail", "rabbit", "ram", "raven", "robin", "seal", "shrew", "snail", "squid", "stork", "swan", "tern",
        "toad", "trout", "wolf", "wren", "yak",
    ];

    public static string Make() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Qualities[RandomNumberGenerator.GetInt32(Qualities.Length)]}-{Animals[RandomNumberGenerator.GetInt32(Animals.Length)]}-{RandomNumberGenerator.GetInt32(1000)}");
}
