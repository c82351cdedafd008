using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Searching;

/// <summary>Prompts share the registry with models, but a search finds them only when its filter asks for them.</summary>
internal static class PromptRule
{
    /// <summary>Whether the filter's first word on prompts wants them.</summary>
    public static bool AsksForPrompts(FilterNode? filter) =>
        filter is not null && Clauses(filter).FirstOrDefault(IsOnPrompts) is { Value: { Kind: FilterValueKind.Text, Text: var value } } clause
        && ((clause.Operator == "=" && value.Equals("true", StringComparison.OrdinalIgnoreCase))
            || (clause.Operator == "!=" && value.Equals("false", StringComparison.OrdinalIgnoreCase)));

    /// <summary>A clause on the tag that makes something a prompt. When prompts are left out anyway it says nothing more: models don't have the tag.</summary>
    public static bool IsOnPrompts(FilterNode.Clause clause) => clause.Name is { Entity: "tag" or "tags", Key: ModelTag.IsPrompt };

    private static IEnumerable<FilterNode.Clause> Clauses(FilterNode node) => node switch
    {
        FilterNode.All all => all.Nodes.SelectMany(Clauses),
        FilterNode.Any any => any.Nodes.SelectMany(Clauses),
        _ => [(FilterNode.Clause)node],
    };
}
