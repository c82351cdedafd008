using System.Globalization;
using System.Text.RegularExpressions;

namespace MLOpsLearn.Cli.Trips;

/// <summary>A monthly file.</summary>
internal sealed record TripFile(DateOnly Month, string Path)
{
    public string Name => Month.ToString("yyyy-MM", CultureInfo.InvariantCulture);
}

/// <summary>Finds the monthly files of a folder by their names.</summary>
internal static partial class TripFiles
{
    /// <exception cref="CommandException">The folder can't be read, or has fewer than two months in the range.</exception>
    public static IReadOnlyList<TripFile> Find(string folder, DateOnly? from, DateOnly? to)
    {
        if (File.Exists(folder))
        {
            throw new CommandException($"--data: '{folder}' is a file. Name the folder that holds the files green_tripdata_YYYY-MM.parquet.");
        }

        if (!Directory.Exists(folder))
        {
            throw new CommandException($"--data: the folder '{folder}' does not exist. Name a folder with files green_tripdata_YYYY-MM.parquet.");
        }

        List<TripFile> all;
        try
        {
            all = [.. Directory.EnumerateFiles(folder)
                .Select(path => (path, match: FileName().Match(Path.GetFileName(path))))
                .Where(entry => entry.match.Success && DateOnly.TryParseExact(entry.match.Groups[1].Value, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
                .Select(entry => new TripFile(DateOnly.ParseExact(entry.match.Groups[1].Value, "yyyy-MM", CultureInfo.InvariantCulture), entry.path))
                .OrderBy(file => file.Month)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--data: the folder '{folder}' can't be read: {exception.Message}");
        }

        if (all.Count == 0)
        {
            throw new CommandException($"--data: the folder '{folder}' has no file green_tripdata_YYYY-MM.parquet. The README says where the city publishes them.");
        }

        var chosen = all.Where(file => (from is null || file.Month >= from) && (to is null || file.Month <= to)).ToList();
        return chosen.Count >= 2
            ? chosen
            : throw new CommandException(
                $"--data: '{folder}' has {chosen.Count} month(s) from {Show(from, all[0].Month)} to {Show(to, all[^1].Month)}; the demo needs at least two: one to train on and one to replay. Widen --from and --to.");
    }

    /// <exception cref="CommandException">The text is no month.</exception>
    public static DateOnly? ParseMonth(string option, string? text) => text is null ? null
        : DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month) ? month
        : throw new CommandException($"{option} must be a month such as 2021-01, not '{text}'.");

    private static string Show(DateOnly? month, DateOnly otherwise) => (month ?? otherwise).ToString("yyyy-MM", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^green_tripdata_(\d{4}-\d{2})\.parquet\z")]
    private static partial Regex FileName();
}
