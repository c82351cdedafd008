using System.Globalization;
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
        var ids = (await VersionsAsync(cancellationToken)).Keys.ToHashSet(StringComparer.Ordinal);
        ids.UnionWith(await database.ReadAsync(
            session => session.QueryAsync(
                $"SELECT source_run_id FROM logged_models WHERE source_run_id IS NOT NULL AND {session.Dialect.InTexts("model_id", "@p0")}",
                static row => row.GetString(0),
                session.Dialect.List([.. ids.Select(id => "m-" + id)])),
            cancellationToken));
        return ids;
    }

    /// <summary>The versions, as "model/3", that came from runs or logged models of an experiment.</summary>
    /// <exception cref="RpcException">UNAVAILABLE, as above.</exception>
    public async Task<IReadOnlyCollection<string>> OfExperimentAsync(long experimentId, CancellationToken cancellationToken)
    {
        const string HasAny = "SELECT 1 FROM runs WHERE experiment_id = @p0 UNION ALL SELECT 1 FROM logged_models WHERE experiment_id = @p0 LIMIT 1";
        if (await database.ReadAsync(session => session.FirstAsync(HasAny, static row => row.GetInt32(0), experimentId), cancellationToken) == 0)
        {
            return [];
        }

        var versions = await VersionsAsync(cancellationToken);
        var own = await database.ReadAsync(
            async session =>
            {
                var found = await session.QueryAsync(
                    $"SELECT run_id FROM runs WHERE experiment_id = @p0 AND {session.Dialect.InTexts("run_id", "@p1")}",
                    static row => row.GetString(0), experimentId, session.Dialect.List(versions.Keys));
                var models = session.Dialect.List([.. versions.Keys.Select(id => "m-" + id)]);
                // A model counts by where it lies and by the run that it came from.
                found.AddRange(await session.QueryAsync(
                    $"""
                    SELECT model_id FROM logged_models WHERE {session.Dialect.InTexts("model_id", "@p1")}
                    AND (experiment_id = @p0 OR source_run_id IN (SELECT run_id FROM runs WHERE experiment_id = @p0))
                    """,
                    static row => row.GetString(0)[2..], experimentId, models));
                return found;
            },
            cancellationToken);
        return [.. own.SelectMany(id => versions[id]).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>All versions, each as "model/3", by the ids of the runs and logged models that they name.</summary>
    private async Task<Dictionary<string, List<string>>> VersionsAsync(CancellationToken cancellationToken)
    {
        var versions = new Dictionary<string, List<string>>(StringComparer.Ordinal);
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
                    // A foreign client may name the run, or a logged model, only by where the files are.
                    foreach (var id in Id().Matches(version.Source).Select(match => match.Value).Append(version.RunId).Distinct())
                    {
                        if (!versions.TryGetValue(id, out var named))
                        {
                            versions[id] = named = [];
                        }

                        named.Add(string.Create(CultureInfo.InvariantCulture, $"{version.Model}/{version.Version}"));
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

        return versions;
    }

    [GeneratedRegex("[0-9a-f]{32}", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
