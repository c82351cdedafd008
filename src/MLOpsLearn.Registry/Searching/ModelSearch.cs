using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Searching;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Searching;

/// <summary>Finds models by name and tags, in SQL.</summary>
internal sealed class ModelSearch(RegistryDbContext context, ModelDetails details)
{
    private readonly TextTests _texts = new(context.Database.IsSqlite());

    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE.</exception>
    public async Task<PageOf<ModelView>> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        var filter = FilterParser.Parse(request.Filter, request.IsWide);
        var offset = OffsetToken.Decode(request.PageToken);
        var models = context.Models.AsNoTracking().Where(model => model.Workspace == Workspaces.Default);
        var asksForPrompts = PromptRule.AsksForPrompts(filter);
        if (!asksForPrompts)
        {
            models = models.Where(model => !context.ModelTags.Any(
                tag => tag.Workspace == model.Workspace && tag.Model == model.Name && tag.Key == ModelTag.IsPrompt && tag.Value == "true"));
        }

        if (filter is not null)
        {
            models = models.Where(Predicates.Join(filter, clause => Condition(clause, asksForPrompts)));
        }

        var page = await Order(models, request.OrderBy).Skip(offset).Take(request.MaxResults + 1).ToListAsync(cancellationToken);
        return new PageOf<ModelView>(
            await details.LoadAsync([.. page.Take(request.MaxResults)], cancellationToken),
            page.Count > request.MaxResults ? OffsetToken.Encode(offset + request.MaxResults) : "");
    }

    private Expression<Func<RegisteredModel, bool>> Condition(FilterNode.Comparison clause, bool asksForPrompts)
    {
        switch (clause.Entity)
        {
            case "tag" or "tags":
                var test = _texts.Of(clause, "tag");
                if (PromptRule.IsOnPrompts(clause) && !asksForPrompts)
                {
                    return model => true;
                }

                var key = clause.Key;
                var tags = context.ModelTags.Where(tag => tag.Key == key).Where(test.Of((ModelTag tag) => tag.Value));
                return model => tags.Any(tag => tag.Workspace == model.Workspace && tag.Model == model.Name);
            case "" or "attribute":
                return clause.Key == "name"
                    ? _texts.Of(clause, "attribute").Of((RegisteredModel model) => model.Name)
                    : throw MLflowException.Invalid($"Invalid attribute key '{clause.Key}' specified. Valid keys are 'name'");
            default:
                throw MLflowException.Invalid($"Invalid entity type '{clause.Entity}'. Valid entity types are ('attribute', 'tag', 'tags')");
        }
    }

    private static IQueryable<RegisteredModel> Order(IQueryable<RegisteredModel> models, IReadOnlyList<string> orderBy)
    {
        var ordered = models;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var clause in orderBy)
        {
            var entry = OrderParser.Parse(clause);
            var field = entry.Entity is "" or "attribute"
                ? entry.Key switch { "name" => "name", "timestamp" or "last_updated_timestamp" => "time", _ => null }
                : null;
            if (field is null)
            {
                throw MLflowException.Invalid($"Invalid order by key '{entry.Key}' specified. Valid keys are 'name', 'last_updated_timestamp' and 'timestamp'");
            }

            if (!seen.Add(field))
            {
                throw MLflowException.Invalid($"`order_by` contains duplicate fields: {clause}");
            }

            ordered = field == "name" ? ordered.Then(model => model.Name, entry.IsAscending) : ordered.Then(model => model.UpdatedAt, entry.IsAscending);
        }

        return seen.Contains("name") ? ordered : ordered.Then(model => model.Name, isAscending: true);
    }
}
