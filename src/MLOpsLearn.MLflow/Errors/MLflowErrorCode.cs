namespace MLOpsLearn.MLflow.Errors;

/// <summary>The error codes that clients of MLflow's REST API know by name.</summary>
public enum MLflowErrorCode
{
    /// <summary>400: a broken rule, a run or experiment that isn't active, a param written again with another value.</summary>
    InvalidParameterValue,

    /// <summary>400: the name of an experiment or a registered model is taken.</summary>
    ResourceAlreadyExists,

    /// <summary>400: the stored data forbid it.</summary>
    BadRequest,

    /// <summary>403.</summary>
    PermissionDenied,

    /// <summary>404: no such thing.</summary>
    ResourceDoesNotExist,

    /// <summary>404: no such route.</summary>
    EndpointNotFound,

    /// <summary>409.</summary>
    ResourceConflict,

    /// <summary>413: more than one request may carry.</summary>
    RequestTooLarge,

    /// <summary>429.</summary>
    RequestLimitExceeded,

    /// <summary>507: the disk is full. Not 500, which clients repeat for minutes.</summary>
    ResourceExhausted,

    /// <summary>500.</summary>
    InternalError,

    /// <summary>501.</summary>
    NotImplemented,

    /// <summary>503.</summary>
    TemporarilyUnavailable,
}
