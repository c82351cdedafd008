using Grpc.Core;

namespace MLOpsLearn.MLflow.Errors;

/// <summary>How the codes look on the wire.</summary>
internal static class MLflowErrorCodes
{
    public static string Name(MLflowErrorCode code) => code switch
    {
        MLflowErrorCode.InvalidParameterValue => "INVALID_PARAMETER_VALUE",
        MLflowErrorCode.ResourceAlreadyExists => "RESOURCE_ALREADY_EXISTS",
        MLflowErrorCode.BadRequest => "BAD_REQUEST",
        MLflowErrorCode.PermissionDenied => "PERMISSION_DENIED",
        MLflowErrorCode.ResourceDoesNotExist => "RESOURCE_DOES_NOT_EXIST",
        MLflowErrorCode.EndpointNotFound => "ENDPOINT_NOT_FOUND",
        MLflowErrorCode.ResourceConflict => "RESOURCE_CONFLICT",
        MLflowErrorCode.RequestTooLarge => "BAD_REQUEST",
        MLflowErrorCode.RequestLimitExceeded => "REQUEST_LIMIT_EXCEEDED",
        MLflowErrorCode.ResourceExhausted => "RESOURCE_EXHAUSTED",
        MLflowErrorCode.NotImplemented => "NOT_IMPLEMENTED",
        MLflowErrorCode.TemporarilyUnavailable => "TEMPORARILY_UNAVAILABLE",
        _ => "INTERNAL_ERROR",
    };

    public static int Status(MLflowErrorCode code) => code switch
    {
        MLflowErrorCode.InvalidParameterValue or MLflowErrorCode.ResourceAlreadyExists or MLflowErrorCode.BadRequest => 400,
        MLflowErrorCode.PermissionDenied => 403,
        MLflowErrorCode.ResourceDoesNotExist or MLflowErrorCode.EndpointNotFound => 404,
        MLflowErrorCode.ResourceConflict => 409,
        MLflowErrorCode.RequestTooLarge => 413,
        MLflowErrorCode.RequestLimitExceeded => 429,
        MLflowErrorCode.ResourceExhausted => 507,
        MLflowErrorCode.NotImplemented => 501,
        MLflowErrorCode.TemporarilyUnavailable => 503,
        _ => 500,
    };

    /// <summary>The code for a refusal of our own calls. FAILED_PRECONDITION is the caller's fault there, so it never becomes a 5xx here.</summary>
    public static MLflowErrorCode Of(StatusCode status) => status switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => MLflowErrorCode.InvalidParameterValue,
        StatusCode.NotFound => MLflowErrorCode.ResourceDoesNotExist,
        StatusCode.AlreadyExists => MLflowErrorCode.ResourceAlreadyExists,
        StatusCode.Aborted => MLflowErrorCode.ResourceConflict,
        StatusCode.PermissionDenied => MLflowErrorCode.PermissionDenied,
        StatusCode.ResourceExhausted => MLflowErrorCode.RequestLimitExceeded,
        StatusCode.Unimplemented => MLflowErrorCode.NotImplemented,
        StatusCode.Unavailable or StatusCode.DeadlineExceeded => MLflowErrorCode.TemporarilyUnavailable,
        _ => MLflowErrorCode.InternalError,
    };
}
