namespace MLOpsLearn.MLflow.Errors;

/// <summary>A refusal that MLflow's clients get as <c>{"error_code", "message"}</c>.</summary>
public sealed class MLflowException(MLflowErrorCode code, string message) : Exception(message)
{
    /// <summary>What clients branch on.</summary>
    public MLflowErrorCode Code => code;

    /// <summary>INVALID_PARAMETER_VALUE, 400.</summary>
    public static MLflowException Invalid(string message) => new(MLflowErrorCode.InvalidParameterValue, message);

    /// <summary>RESOURCE_DOES_NOT_EXIST, 404.</summary>
    public static MLflowException NotFound(string message) => new(MLflowErrorCode.ResourceDoesNotExist, message);

    /// <summary>RESOURCE_ALREADY_EXISTS, 400.</summary>
    public static MLflowException AlreadyExists(string message) => new(MLflowErrorCode.ResourceAlreadyExists, message);

    /// <summary>INVALID_PARAMETER_VALUE in the original's words for a value that breaks a rule of its field.</summary>
    /// <param name="field">Path of the field, for example "metrics[3].name".</param>
    /// <param name="valueJson">The value as JSON.</param>
    /// <param name="rule">What would have been right, or null.</param>
    public static MLflowException InvalidValue(string field, string valueJson, string? rule = null) => Invalid(
        $"Invalid value {(valueJson.Length <= 200 ? valueJson : valueJson[..200] + "...")} for parameter '{field}' supplied{(rule is null ? "." : $": {rule}")}");
}
