using System.Text.RegularExpressions;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Retention;

/// <summary>The runs that versions of registered models came from. They stay, whatever was deleted: a version without its files can't be served or explained.</summary>
internal sealed partial class RegisteredRuns(IServiceProvider services, TrackingDatabase database)
{
    private const int PageSize = 1000;

    /// <summary>Ids of all such runs, as the registry has them now.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the registry does not say, so nothing may go.</exception>
    public async Task<HashSet<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var request = new SearchRequest { PageSize = PageSize };
        try
        {
            // Made here: whoever runs tracking alone must not need the registry's address for anything else.
            var registry = services.GetRequiredService<Registry.RegistryClient>();
            do
            {
                var page = await registry.SearchModelVersionsAsync(request, cancellationToken: cancellationToken);
                foreach (var version in page.Versions)
                {
                    ids.Add(version.RunId);
                    // A foreign client may name the run, or a logged model, only by where the files are.
                    foreach (Match match in Id().Matches(version.Source))
                    {
                        ids.Add(match.Value);
                    }
                }

                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw RpcErrors.Unavailable("REGISTRY", $"The registry did not say which runs its versions came from ({exception.StatusCode}: {exception.Status.Detail}); nothing was changed, try again.");
        }

        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            throw RpcErrors.FailedPrecondition("REGISTRY", "registry", exception.Message);
        }

        ids.UnionWith(await database.ReadAsync(
            session => session.QueryAsync(
                $"SELECT source_run_id FROM logged_models WHERE source_run_id IS NOT NULL AND {session.Dialect.InTexts("model_id", "@p0")}",
                static row => row.GetString(0),
                session.Dialect.List([.. ids.Select(id => "m-" + id)])),
            cancellationToken));
        return ids;
    }

    [GeneratedRegex("[0-9a-f]{32}", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
