using MLOpsLearn.Registry.Promotion;
using Parquet;
using Parquet.Schema;

namespace MLOpsLearn.Registry.Tests;

/// <summary>Scored rows as a training job would leave them.</summary>
internal sealed record Rows(double[] Labels, double[] Challenger, double[]? Champion, string? ChampionVersion)
{
    private const int Count = 200;

    public static double[] Truth { get; } = [.. Enumerable.Range(0, Count).Select(i => 10 + (5 * Math.Sin(i)))];

    public static Rows First() => new(Truth, Off(1), null, "0");

    /// <summary>The challenger is off by <paramref name="challenger"/>, the champion by <paramref name="champion"/>, on each row.</summary>
    public static Rows Against(int championVersion, double challenger, double champion) =>
        new(Truth, Off(challenger), Off(champion), championVersion.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>A little more on some rows and a little less on others, so that the differences are not all equal.</summary>
    public static double[] Off(double error) => [.. Truth.Select((label, i) => label + (error * (1 + (0.1 * Math.Cos(7 * i)))))];

    public ScoredRows Scored() => new(Labels, Challenger, Champion, ChampionVersion is null ? 0 : int.Parse(ChampionVersion, System.Globalization.CultureInfo.InvariantCulture), "");

    public async Task<byte[]> ToParquetAsync(string labelName = "label", int rowGroups = 1)
    {
        using var stream = new MemoryStream();
        var (id, label, challenger) = (new DataField<string>("prediction_id"), new DataField<double>(labelName), new DataField<double>("challenger"));
        var champion = new DataField<double?>("champion");
        var schema = new ParquetSchema(id, label, challenger, champion);
        await using (var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: RegistryApp.Cancel))
        {
            writer.CustomMetadata = ChampionVersion is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["champion_version"] = ChampionVersion, ["format"] = "1" };
            foreach (var part in Enumerable.Range(0, Labels.Length).Chunk(Math.Max(1, (Labels.Length + rowGroups - 1) / rowGroups)))
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync(id, Array.ConvertAll(part, i => $"p/{i}"));
                await group.WriteAsync<double>(label, Array.ConvertAll(part, i => Labels[i]).AsMemory(), cancellationToken: RegistryApp.Cancel);
                await group.WriteAsync<double>(challenger, Array.ConvertAll(part, i => Challenger[i]).AsMemory(), cancellationToken: RegistryApp.Cancel);
                await group.WriteAsync<double>(champion, Array.ConvertAll(part, i => Champion?[i]).AsMemory(), cancellationToken: RegistryApp.Cancel);
            }
        }

        return stream.ToArray();
    }
}
