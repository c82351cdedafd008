using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;

namespace MLOpsLearn.Training.Worker.Tables;

/// <summary>A column that prepared rows must have.</summary>
/// <param name="Name">Name.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Needs">Who needs it, for people.</param>
internal sealed record PreparedColumn(string Name, ColumnKind Kind, string Needs)
{
    /// <summary>What the pipeline's own features and the champion need, the former first.</summary>
    /// <exception cref="WorkFault">Both need a column, but as different kinds.</exception>
    public static IReadOnlyList<PreparedColumn> Of(ModelSignature signature, ModelSignature? champion)
    {
        var columns = signature.Inputs.Select(input => new PreparedColumn(input.Name, input.Kind, "features")).ToList();
        foreach (var input in champion?.Inputs ?? [])
        {
            var known = columns.Find(column => column.Name == input.Name);
            if (known is null)
            {
                columns.Add(new PreparedColumn(input.Name, input.Kind, "needed by the champion, which is scored on the same rows"));
            }
            else if (known.Kind != input.Kind)
            {
                throw new WorkFault($"Column '{input.Name}' is {known.Kind} here but {input.Kind} for the champion: they can't be compared on the same rows.");
            }
        }

        return columns;
    }
}
