using MLOpsLearn.MLflow.Searching;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Searching;

/// <summary>Prompts share the registry with models, but a search finds them only when its filter asks for them.</summary>
internal static class PromptRule
{
    /// <summary>Whether the filter's first word on prompts wants them.</summary>
    public static bool AsksForPrompts(FilterNode? filter) =>
        filter?.Comparisons().FirstOrDefault(IsOnPrompts) is { Value: FilterValue.Text { Value: var value } } clause
        && ((clause.Operator == "=" && value.Equals("true", StringComparison.OrdinalIgnoreCase))
            || (clause.Operator == "!=" && value.Equals("false", StringComparison.OrdinalIgnoreCase)));

    /// <summary>A clause on the tag that makes something a prompt. When prompts are left out anyway it says nothing more: models don't have the tag.</summary>
    public static bool IsOnPrompts(FilterNode.Comparison clause) => clause is { Entity: "tag" or "tags", Key: ModelTag.IsPrompt };
}
