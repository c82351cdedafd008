using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;

namespace MLOpsLearn.Tracking.Search;

/// <summary>What belongs to a run that a search may name.</summary>
internal enum RunEntity
{
    Attribute,
    Metric,
    Param,
    Tag,
    Dataset,
}

/// <summary>The names of MLflow's searches of runs, with their aliases.</summary>
internal static class RunField
{
    public static readonly string[] Searchable = ["run_id", "run_name", "status", "user_id", "artifact_uri", "start_time", "end_time"];

    /// <exception cref="MLflowException">There is no such entity, or it has no such key.</exception>
    public static (RunEntity Entity, string Key) Of(FilterName name, string[] attributes)
    {
        var entity = name.Entity switch
        {
            null or "attribute" or "attributes" or "attr" or "run" => RunEntity.Attribute,
            "metric" or "metrics" => RunEntity.Metric,
            "parameter" or "parameters" or "param" or "params" => RunEntity.Param,
            "tag" or "tags" => RunEntity.Tag,
            "dataset" or "datasets" => RunEntity.Dataset,
            var other => throw MLflowException.Invalid(
                $"Invalid entity type '{other}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset'] (at character {name.Position})"),
        };
        var key = entity == RunEntity.Attribute ? AttributeOf(name.Key) : name.Key;
        if (entity == RunEntity.Attribute && !attributes.Contains(key))
        {
            throw MLflowException.Invalid(
                $"Invalid attribute key '{key}' specified. Valid keys are '{string.Join(", ", attributes)}' (at character {name.Position})");
        }

        if (entity == RunEntity.Dataset && key is not ("name" or "digest" or "context"))
        {
            throw MLflowException.Invalid($"Invalid dataset key '{key}' specified. Valid keys are 'name, digest, context' (at character {name.Position})");
        }

        return (entity, key);
    }

    /// <summary>The SQL of a text attribute.</summary>
    public static string Expression(string key) => key switch
    {
        "run_id" => "r.run_id",
        "run_name" => "r.name",
        "user_id" => "r.user_id",
        "artifact_uri" => "r.artifact_uri",
        _ => RunFilter.StatusText,
    };

    private static string AttributeOf(string key) => key switch
    {
        "created" or "Created" => "start_time",
        "run name" or "Run name" or "Run Name" => "run_name",
        _ => key,
    };
}
