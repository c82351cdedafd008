using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace MLOpsLearn.Contracts.Errors;

/// <summary>The errors that our calls give: a standard status with <c>google.rpc</c> details.</summary>
public static class RpcErrors
{
    private const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>INVALID_ARGUMENT with a BadRequest detail for each fault.</summary>
    public static RpcException Invalid(IReadOnlyCollection<FieldFault> faults)
    {
        var detail = new BadRequest();
        detail.FieldViolations.AddRange(faults.Take(50).Select(fault =>
            new BadRequest.Types.FieldViolation { Field = fault.Field, Description = $"{fault.Rule}; got '{fault.Value}'" }));
        var message = string.Join(" ", faults.Take(5).Select(fault => $"{fault.Field} {fault.Rule}; got '{fault.Value}'."));
        return Create(StatusCode.InvalidArgument, message, detail);
    }

    /// <summary>INVALID_ARGUMENT for one field.</summary>
    public static RpcException Invalid(string field, object? value, string rule) =>
        Invalid([new FieldFault(field, FieldChecks.Shorten(value), rule)]);

    /// <summary>NOT_FOUND, for example kind "model", name "trip-duration".</summary>
    public static RpcException NotFound(string kind, object name) =>
        Create(StatusCode.NotFound, $"There is no {kind} '{Clean(name)}'.", new ResourceInfo { ResourceType = kind, ResourceName = Clean(name) });

    /// <summary>ALREADY_EXISTS.</summary>
    public static RpcException AlreadyExists(string kind, object name, string advice) =>
        Create(
            StatusCode.AlreadyExists,
            $"The {kind} '{Clean(name)}' exists already. {advice}",
            new ResourceInfo { ResourceType = kind, ResourceName = Clean(name) });

    /// <summary>FAILED_PRECONDITION: <paramref name="type"/> is a stable word for programs, the message is for people.</summary>
    public static RpcException FailedPrecondition(string type, object subject, string message)
    {
        var detail = new PreconditionFailure();
        detail.Violations.Add(new PreconditionFailure.Types.Violation { Type = type, Subject = Clean(subject), Description = message });
        return Create(StatusCode.FailedPrecondition, message, detail);
    }

    /// <summary>PERMISSION_DENIED with a stable reason.</summary>
    public static RpcException PermissionDenied(string reason, string message) =>
        Create(StatusCode.PermissionDenied, message, new ErrorInfo { Reason = reason, Domain = "mlopslearn" });

    /// <summary>UNAVAILABLE: the caller may repeat the call.</summary>
    public static RpcException Unavailable(string reason, string message) =>
        Create(StatusCode.Unavailable, message, new ErrorInfo { Reason = reason, Domain = "mlopslearn" });

    /// <summary>Any other status.</summary>
    public static RpcException Create(StatusCode code, string message, IMessage detail)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = message };
        status.Details.Add(Any.Pack(detail));
        return new RpcException(
            new Grpc.Core.Status(code, message),
            new Metadata { { DetailsTrailer, status.ToByteArray() } },
            message);
    }

    /// <summary>The kind that a NOT_FOUND or ALREADY_EXISTS of ours is about, for example "model"; null for other errors.</summary>
    public static string? KindOf(RpcException exception) =>
        exception.Trailers.GetValueBytes(DetailsTrailer) is { } bytes
        && Google.Rpc.Status.Parser.ParseFrom(bytes).Details.FirstOrDefault(detail => detail.Is(ResourceInfo.Descriptor)) is { } info
            ? info.Unpack<ResourceInfo>().ResourceType
            : null;

    private static string Clean(object value)
    {
        var text = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
        return string.Concat(text.Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }
}
