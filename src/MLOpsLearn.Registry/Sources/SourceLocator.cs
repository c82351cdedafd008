using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Protocols.MLflow;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Sources;

/// <summary>Finds where the files of a version's source are, when the source names a logged model or another version.</summary>
internal sealed partial class SourceLocator(VersionCatalog versions, AliasBook aliases, LoggedModels loggedModels, ILogger<SourceLocator> logger)
{
    private const string VersionsTag = "mlflow.modelVersions";

    /// <summary>The version with its storage, and with the logged model's run when it names none.</summary>
    /// <exception cref="MLflowException">What the source names does not exist.</exception>
    public async Task<NewVersion> LocateAsync(NewVersion version, CancellationToken cancellationToken)
    {
        var named = Named().Match(version.Source);
        var modelId = version.ModelId.Length > 0 ? version.ModelId : LoggedModel().Match(version.Source) is { Success: true } logged ? logged.Groups["id"].Value : "";
        if (modelId.Length > 0)
        {
            var model = await loggedModels.GetAsync(modelId, cancellationToken);
            var isTheModel = version.Source.StartsWith("models:", StringComparison.Ordinal);
            version = version with
            {
                ModelId = modelId,
                RunId = version.RunId.Length > 0 ? version.RunId : model.SourceRunId,
                StorageLocation = isTheModel ? model.ArtifactUri : null,
            };
        }
        else if (named.Success)
        {
            var other = await OtherAsync(named, cancellationToken);
            version = version with { StorageLocation = other.DownloadLocation };
        }
        else if (version.Source.StartsWith("models:", StringComparison.Ordinal))
        {
            throw MLflowException.Invalid($"Not a proper models:/ URI: {version.Source}. Name a version (models:/name/1), an alias (models:/name@alias) or a logged model (models:/m-…).");
        }

        return version;
    }

    /// <summary>Writes on the logged model which version it became. The version stands whether or not that succeeds.</summary>
    public async Task TellAsync(string modelId, string name, int version, CancellationToken cancellationToken)
    {
        if (modelId.Length == 0)
        {
            return;
        }

        try
        {
            var model = await loggedModels.GetAsync(modelId, cancellationToken);
            var known = model.Tags.TryGetValue(VersionsTag, out var text) && TryParse(text) is JsonArray array ? array : [];
            known.Add((JsonNode)new JsonObject { ["name"] = name, ["version"] = version });
            await loggedModels.SetTagAsync(modelId, VersionsTag, PythonForm(known), cancellationToken);
        }
        catch (MLflowException exception)
        {
            Log.NotTold(logger, modelId, exception);
        }
    }

    // With a space after commas and colons, which is how every other client writes this tag.
    private static string PythonForm(JsonArray known) => $"[{string.Join(", ", known.Select(static item => item is JsonObject entry
        ? $"{{{string.Join(", ", entry.Select(static field => $"{MLflowKeys.Quote(field.Key)}: {field.Value?.ToJsonString() ?? "null"}"))}}}"
        : item?.ToJsonString() ?? "null"))}]";

    private async Task<RegisteredVersion> OtherAsync(Match named, CancellationToken cancellationToken)
    {
        var name = named.Groups["name"].Value;
        if (named.Groups["alias"] is { Success: true, Value: var alias })
        {
            var holder = await aliases.FindAsync(name, alias, cancellationToken) ?? throw MLflowException.Invalid($"Registered model alias {alias} not found.");
            return await versions.FindAsync(name, holder.Version, cancellationToken).SayVersionAsync(name, holder.Version);
        }

        return int.TryParse(named.Groups["version"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? await versions.FindAsync(name, number, cancellationToken).SayVersionAsync(name, number)
            : throw RegistryWords.NoVersion(name, named.Groups["version"].Value);
    }

    private static JsonNode? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^models:/(?<id>m-[0-9a-f]{32})/?\z")]
    private static partial Regex LoggedModel();

    [GeneratedRegex(@"^models:/(?<name>[^/@]+)(/(?<version>[0-9]+)|@(?<alias>[A-Za-z0-9_\-]+))/?\z")]
    private static partial Regex Named();

    private static partial class Log
    {
        [LoggerMessage(3201, LogLevel.Warning, "The logged model {ModelId} could not be told of its new version.")]
        public static partial void NotTold(ILogger logger, string modelId, Exception exception);
    }
}
