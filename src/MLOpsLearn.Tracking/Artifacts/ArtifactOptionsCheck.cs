using Microsoft.Extensions.Options;
using MLOpsLearn.Tracking.Artifacts.Storage;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Tells at the start what can't be; no message has a key in it.</summary>
internal sealed class ArtifactOptionsCheck : IValidateOptions<ArtifactOptions>
{
    public ValidateOptionsResult Validate(string? name, ArtifactOptions options) =>
        BrokenRule(options) is { } rule ? ValidateOptionsResult.Fail(rule) : ValidateOptionsResult.Success;

    private static string? BrokenRule(ArtifactOptions options)
    {
        var isBucket = StoreAddress.IsBucket(options.Root);
        return options.Root.Length == 0 ? "Artifacts__Root must name a folder, or s3://bucket/prefix."
            : isBucket && StoreAddress.TryParse(options.Root) is null ? $"Artifacts__Root must be s3://bucket or s3://bucket/prefix with names that S3 allows, is '{options.Root}'."
            : !isBucket && options.Endpoint.Length > 0 ? "Artifacts__Endpoint must be empty when Artifacts__Root is a folder."
            : options.Endpoint.Length > 0 && !IsEndpoint(options.Endpoint) ? "Artifacts__Endpoint must be an http or https address without user, path, query or fragment."
            : (options.AccessKey.Length == 0) != (options.SecretKey.Length == 0) ? "Artifacts__AccessKey and Artifacts__SecretKey must be set together."
            : null;
    }

    private static bool IsEndpoint(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0, AbsolutePath: "/" };
}
