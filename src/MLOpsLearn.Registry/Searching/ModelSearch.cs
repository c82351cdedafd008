using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Searching;

/// <summary>Finds models by name and tags, in SQL.</summary>
internal sealed class ModelSearch(RegistryDbContext context, ModelDetails details)
{
    private readonly TextTests _texts = new(context.Database.IsSqlite());

    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE.</exception>
    public async Task<PageOf<ModelView>> SearchAsync(RegistryQuery request, CancellationToken cancellationToken)
    {
        var filter = FilterParser.Parse(request.Filter, extended: request.IsWide);
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

    private Expression<Func<RegisteredModel, bool>> Condition(FilterNode.Clause clause, bool asksForPrompts)
    {
        switch (clause.Name.Entity)
        {
            case "tag" or "tags":
                var test = _texts.Of(clause, "tag");
                if (PromptRule.IsOnPrompts(clause) && !asksForPrompts)
                {
                    return model => true;
                }

                var key = clause.Name.Key;
                var tags = context.ModelTags.Where(tag => tag.Key == key).Where(test.Of((ModelTag tag) => tag.Value));
                return model => tags.Any(tag => tag.Workspace == model.Workspace && tag.Model == model.Name);
            case null or "attribute":
                return clause.Name.Key == "name"
                    ? _texts.Of(clause, "attribute").Of((RegisteredModel model) => model.Name)
                    : throw MLflowException.Invalid($"Invalid attribute key '{clause.Name.Key}' specified. Valid keys are 'name'");
            default:
                throw MLflowException.Invalid($"Invalid entity type '{clause.Name.Entity}'. Valid entity types are ('attribute', 'tag', 'tags')");
        }
    }

    private static IQueryable<RegisteredModel> Order(IQueryable<RegisteredModel> models, IReadOnlyList<string> orderBy)
    {
        var ordered = models;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var clause in orderBy)
        {
            var entry = OrderBy.Parse(clause);
            var field = entry.Name.Entity is null or "attribute"
                ? entry.Name.Key switch { "name" => "name", "timestamp" or "last_updated_timestamp" => "time", _ => null }
                : null;
            if (field is null)
            {
                throw MLflowException.Invalid($"Invalid order by key '{entry.Name.Key}' specified. Valid keys are 'name', 'last_updated_timestamp' and 'timestamp'");
            }

            if (!seen.Add(field))
            {
                throw MLflowException.Invalid($"`order_by` contains duplicate fields: {clause}");
            }

            ordered = field == "name" ? ordered.Then(model => model.Name, entry.Ascending) : ordered.Then(model => model.UpdatedAt, entry.Ascending);
        }

        return seen.Contains("name") ? ordered : ordered.Then(model => model.Name, isAscending: true);
    }
}
