using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Searching;

/// <summary>Finds versions by model, number, run, source and tags, in SQL.</summary>
internal sealed class VersionSearch(RegistryDbContext context, VersionDetails details)
{
    private const string Keys = "'name', 'version_number', 'run_id', 'source_path'";

    private readonly TextTests _texts = new(context.Database.IsSqlite());

    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE.</exception>
    public async Task<PageOf<VersionView>> SearchAsync(RegistryQuery request, CancellationToken cancellationToken)
    {
        var filter = FilterParser.Parse(request.Filter, extended: request.IsWide);
        var offset = OffsetToken.Decode(request.PageToken);
        var versions = context.Versions.AsNoTracking().Where(version => version.Workspace == Workspaces.Default);
        var asksForPrompts = PromptRule.AsksForPrompts(filter);
        if (!asksForPrompts)
        {
            versions = versions.Where(version => !context.VersionTags.Any(
                tag => tag.Workspace == version.Workspace && tag.Key == ModelTag.IsPrompt && tag.Model == version.Model && tag.Value == "true"));
        }

        if (filter is not null)
        {
            versions = versions.Where(Predicates.Join(filter, clause => Condition(clause, asksForPrompts)));
        }

        var page = await Order(versions, request.OrderBy).Skip(offset).Take(request.MaxResults + 1).ToListAsync(cancellationToken);
        return new PageOf<VersionView>(
            await details.LoadAsync([.. page.Take(request.MaxResults)], cancellationToken),
            page.Count > request.MaxResults ? OffsetToken.Encode(offset + request.MaxResults) : "");
    }

    private Expression<Func<RegisteredVersion, bool>> Condition(FilterNode.Clause clause, bool asksForPrompts) => clause.Name.Entity switch
    {
        "tag" or "tags" => OnTag(clause, asksForPrompts),
        null or "attribute" => clause.Name.Key switch
        {
            "name" => _texts.Of(clause, "attribute").Of((RegisteredVersion version) => version.Model),
            "source_path" => _texts.Of(clause, "attribute").Of((RegisteredVersion version) => version.Source),
            "run_id" => OnRun(clause),
            "version_number" => OnNumber(clause),
            _ => throw MLflowException.Invalid($"Invalid attribute key '{clause.Name.Key}' specified. Valid keys are {Keys}"),
        },
        _ => throw MLflowException.Invalid($"Invalid entity type '{clause.Name.Entity}'. Valid entity types are ('attribute', 'tag', 'tags')"),
    };

    private Expression<Func<RegisteredVersion, bool>> OnTag(FilterNode.Clause clause, bool asksForPrompts)
    {
        var test = _texts.Of(clause, "tag");
        if (PromptRule.IsOnPrompts(clause) && !asksForPrompts)
        {
            return version => true;
        }

        var key = clause.Name.Key;
        var tags = context.VersionTags.Where(tag => tag.Key == key).Where(test.Of((VersionTag tag) => tag.Value));
        return version => tags.Any(tag => tag.Workspace == version.Workspace && tag.Model == version.Model && tag.Version == version.Version);
    }

    private Expression<Func<RegisteredVersion, bool>> OnRun(FilterNode.Clause clause)
    {
        if (clause.Operator != "IN")
        {
            return _texts.Of(clause, "attribute").Of((RegisteredVersion version) => version.RunId);
        }

        if (clause.Value is not { Kind: FilterValueKind.Texts, Texts: var asked })
        {
            throw MLflowException.Invalid($"While parsing a list in the query, expected a list of quoted strings, got {clause.Value.Written}");
        }

        // Run ids are lower case; the original drops what isn't.
        var ids = asked.Where(id => !id.Any(char.IsUpper)).ToList();
        return version => ids.Contains(version.RunId);
    }

    private static Expression<Func<RegisteredVersion, bool>> OnNumber(FilterNode.Clause clause)
    {
        // A number may stand in quotes.
        if (clause.Value.Kind is not (FilterValueKind.Number or FilterValueKind.Text)
            || !double.TryParse(clause.Value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || double.IsNaN(value))
        {
            throw MLflowException.Invalid($"Expected a number for attribute version_number. Got value {clause.Value.Written}");
        }

        Expression<Func<double, bool>> test = clause.Operator switch
        {
            "=" => number => number == value,
            "!=" => number => number != value,
            ">" => number => number > value,
            ">=" => number => number >= value,
            "<" => number => number < value,
            "<=" => number => number <= value,
            _ => throw MLflowException.Invalid($"Invalid comparator for attribute version_number: {clause.Operator}"),
        };
        return test.Of((RegisteredVersion version) => (double)version.Version);
    }

    private static IQueryable<RegisteredVersion> Order(IQueryable<RegisteredVersion> versions, IReadOnlyList<string> orderBy)
    {
        if (orderBy.Count == 0)
        {
            orderBy = ["last_updated_timestamp DESC"];
        }

        var ordered = versions;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var clause in orderBy)
        {
            var entry = OrderBy.Parse(clause);
            if (entry.Name.Entity is not (null or "attribute") || entry.Name.Key is not ("name" or "version_number" or "creation_timestamp" or "last_updated_timestamp"))
            {
                throw MLflowException.Invalid(
                    $"Invalid order by key '{entry.Name.Key}' specified. Valid keys are 'name', 'version_number', 'creation_timestamp', 'last_updated_timestamp'");
            }

            if (!seen.Add(entry.Name.Key))
            {
                throw MLflowException.Invalid($"`order_by` contains duplicate fields: {clause}");
            }

            ordered = entry.Name.Key switch
            {
                "name" => ordered.Then(version => version.Model, entry.Ascending),
                "version_number" => ordered.Then(version => version.Version, entry.Ascending),
                "creation_timestamp" => ordered.Then(version => version.CreatedAt, entry.Ascending),
                _ => ordered.Then(version => version.UpdatedAt, entry.Ascending),
            };
        }

        ordered = seen.Contains("name") ? ordered : ordered.Then(version => version.Model, isAscending: true);
        return seen.Contains("version_number") ? ordered : ordered.Then(version => version.Version, isAscending: false);
    }
}
