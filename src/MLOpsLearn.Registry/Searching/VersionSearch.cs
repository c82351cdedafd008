using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Searching;
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
    public async Task<PageOf<VersionView>> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        var filter = FilterParser.Parse(request.Filter, request.IsWide);
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

    private Expression<Func<RegisteredVersion, bool>> Condition(FilterNode.Comparison clause, bool asksForPrompts) => clause.Entity switch
    {
        "tag" or "tags" => OnTag(clause, asksForPrompts),
        "" or "attribute" => clause.Key switch
        {
            "name" => _texts.Of(clause, "attribute").Of((RegisteredVersion version) => version.Model),
            "source_path" => _texts.Of(clause, "attribute").Of((RegisteredVersion version) => version.Source),
            "run_id" => OnRun(clause),
            "version_number" => OnNumber(clause),
            _ => throw MLflowException.Invalid($"Invalid attribute key '{clause.Key}' specified. Valid keys are {Keys}"),
        },
        _ => throw MLflowException.Invalid($"Invalid entity type '{clause.Entity}'. Valid entity types are ('attribute', 'tag', 'tags')"),
    };

    private Expression<Func<RegisteredVersion, bool>> OnTag(FilterNode.Comparison clause, bool asksForPrompts)
    {
        var test = _texts.Of(clause, "tag");
        if (PromptRule.IsOnPrompts(clause) && !asksForPrompts)
        {
            return version => true;
        }

        var key = clause.Key;
        var tags = context.VersionTags.Where(tag => tag.Key == key).Where(test.Of((VersionTag tag) => tag.Value));
        return version => tags.Any(tag => tag.Workspace == version.Workspace && tag.Model == version.Model && tag.Version == version.Version);
    }

    private Expression<Func<RegisteredVersion, bool>> OnRun(FilterNode.Comparison clause)
    {
        if (clause.Operator != "IN")
        {
            return _texts.Of(clause, "attribute").Of((RegisteredVersion version) => version.RunId);
        }

        if (clause.Value is not FilterValue.List { Values: var asked })
        {
            throw MLflowException.Invalid($"While parsing a list in the query, expected a list of quoted strings, got {clause.Value}");
        }

        // Run ids are lower case; the original drops what isn't.
        var ids = asked.Where(id => !id.Any(char.IsUpper)).ToList();
        return version => ids.Contains(version.RunId);
    }

    private static Expression<Func<RegisteredVersion, bool>> OnNumber(FilterNode.Comparison clause)
    {
        var text = clause.Value switch
        {
            FilterValue.Number number => number.Raw,
            FilterValue.Text quoted => quoted.Value,
            _ => throw MLflowException.Invalid($"Expected a number for attribute version_number. Got value {clause.Value}"),
        };
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || double.IsNaN(value))
        {
            throw MLflowException.Invalid($"Expected a number for attribute version_number. Got value {clause.Value}");
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
        var ordered = versions;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var clause in orderBy)
        {
            var entry = OrderParser.Parse(clause);
            if (entry.Entity is not ("" or "attribute") || entry.Key is not ("name" or "version_number" or "creation_timestamp" or "last_updated_timestamp"))
            {
                throw MLflowException.Invalid(
                    $"Invalid order by key '{entry.Key}' specified. Valid keys are 'name', 'version_number', 'creation_timestamp', 'last_updated_timestamp'");
            }

            if (!seen.Add(entry.Key))
            {
                throw MLflowException.Invalid($"`order_by` contains duplicate fields: {clause}");
            }

            ordered = entry.Key switch
            {
                "name" => ordered.Then(version => version.Model, entry.IsAscending),
                "version_number" => ordered.Then(version => version.Version, entry.IsAscending),
                "creation_timestamp" => ordered.Then(version => version.CreatedAt, entry.IsAscending),
                _ => ordered.Then(version => version.UpdatedAt, entry.IsAscending),
            };
        }

        ordered = seen.Contains("name") ? ordered : ordered.Then(version => version.Model, isAscending: true);
        return seen.Contains("version_number") ? ordered : ordered.Then(version => version.Version, isAscending: false);
    }
}
