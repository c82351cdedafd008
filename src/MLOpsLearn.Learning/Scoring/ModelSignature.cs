using System.Security.Cryptography;
using System.Text;
using MLOpsLearn.Learning.Specification;

namespace MLOpsLearn.Learning.Scoring;

/// <summary>One input of a model.</summary>
/// <param name="Name">Name of the column that callers send.</param>
/// <param name="Kind">Numeric or categorical.</param>
/// <param name="Required">Whether a call without the column is refused; a missing value in a row never is.</param>
public sealed record SignatureInput(string Name, ColumnKind Kind, bool Required = true);

/// <summary>What a model takes and gives.</summary>
public sealed record ModelSignature(IReadOnlyList<SignatureInput> Inputs, string Output)
{
    /// <summary>SHA-256 over names and kinds in order: equal for models that can be called alike.</summary>
    public string SchemaHash { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', Inputs.Select(input => $"{input.Name}\t{input.Kind}\t{input.Required}").Append(Output)))));

    /// <summary>Whether callers who send <paramref name="sent"/> can call this model: nothing required is absent, nothing has another kind.</summary>
    public bool IsCompatibleWith(ModelSignature sent)
    {
        var known = sent.Inputs.ToDictionary(input => input.Name, StringComparer.Ordinal);
        return Inputs.All(input => known.TryGetValue(input.Name, out var other) ? other.Kind == input.Kind : !input.Required);
    }
}
