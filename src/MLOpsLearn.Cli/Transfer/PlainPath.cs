namespace MLOpsLearn.Cli.Transfer;

/// <summary>Tells paths that stay below where they are put, in an address and in a folder.</summary>
internal static class PlainPath
{
    public static bool Is(string path) =>
        path.Length is > 0 and <= 1000 && !path.Any(char.IsControl) && path.IndexOfAny(['\\', ':', '*', '?', '"', '<', '>', '|']) < 0 && path.Split('/').All(part => part is not ("" or "." or ".."));
}
