using System.Diagnostics;
using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Inference.Data;
using MLOpsLearn.Inference.Runtimes;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Messaging.Outbox;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>Makes, changes and finds endpoints.</summary>
internal sealed partial class EndpointCatalog(InferenceDbContext context, VersionSource versions, ModelLoader loader, EndpointTable table, TimeProvider time)
{
    private const string DefaultAlias = "champion";
    private const int MostShadows = 5;

    public async Task<Endpoint> CreateAsync(CreateEndpointRequest request, CancellationToken cancellationToken)
    {
        var alias = request.Alias.Length == 0 ? DefaultAlias : request.Alias;
        CheckName("name", request.Name).RequestId(request.RequestId).Name("model", request.Model).Name("alias", alias).ThrowIfAny();
        CheckShadows(request.ShadowVersions);
        // Loaded before the transaction: an endpoint exists only when it can answer. A repeated call needs no model to get its first answer again.
        var loaded = await IsAnsweredAsync(request, cancellationToken) ? null : await LoadAsync(request, alias, cancellationToken);
        return await table.ChangeAsync(
            async () =>
            {
                EndpointSnapshot? snapshot = null;
                var took = TimeSpan.Zero;
                var answer = await context.RunOnceAsync(
                    request.RequestId,
                    request,
                    time,
                    async token =>
                    {
                        await ThrowIfExistsAsync(request.Name, token);
                        var (live, shadows, duration) = loaded ?? throw RpcErrors.Unavailable("TRY_AGAIN", "The answer to this request_id was just forgotten; call again.");
                        took = duration;
                        var endpoint = new ServingEndpoint { Workspace = Workspaces.Default, Name = request.Name, Model = request.Model, Alias = alias, CreatedAt = time.GetUtcNow() };
                        endpoint.Shadow(request.ShadowVersions);
                        var deployment = endpoint.Deploy(live.Version, time.GetUtcNow(), duration);
                        context.Endpoints.Add(endpoint);
                        context.Deployments.Add(deployment);
                        context.PublishOnSave(deployment.ToEvent(), time);
                        snapshot = new EndpointSnapshot(endpoint.Name, endpoint.Workspace, live, shadows, deployment.Id, hasAnswered: false, Activity.Current?.Id);
                        return View(endpoint);
                    },
                    cancellationToken);
                if (snapshot is not null)
                {
                    table.Swap(snapshot);
                    InferenceTelemetry.Deployed(snapshot.Name, took);
                }

                return answer;
            },
            cancellationToken);
    }

    public async Task<Endpoint> GetAsync(string name, CancellationToken cancellationToken) => View(await FindAsync(name, cancellationToken));

    public async Task<ListEndpointsResponse> ListAsync(ListEndpointsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var after = PageToken.DecodeText(request.PageToken) ?? "";
        var page = await context.Endpoints.AsNoTracking().Where(each => each.Workspace == Workspaces.Default && string.Compare(each.Name, after) > 0)
            .OrderBy(each => each.Name).Take(size + 1).ToListAsync(cancellationToken);
        return new ListEndpointsResponse
        {
            Endpoints = { page.Take(size).Select(View) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Name) : "",
        };
    }

    public async Task<Endpoint> SetShadowsAsync(SetShadowsRequest request, CancellationToken cancellationToken)
    {
        CheckShadows(request.ShadowVersions);
        var found = await FindAsync(request.Name, cancellationToken);
        var shadows = await TryAsync(found.Model, () => LoadShadowsAsync(found.Model, request.ShadowVersions, cancellationToken));
        return await table.ChangeAsync(
            async () =>
            {
                var endpoint = await context.Endpoints.FirstOrDefaultAsync(each => each.Workspace == found.Workspace && each.Name == found.Name, cancellationToken)
                    ?? throw RpcErrors.NotFound("endpoint", found.Name);
                endpoint.Shadow(request.ShadowVersions);
                // Said once more for the other processes of this service; to everybody else it is no news.
                if (await context.Deployments.AsNoTracking().FirstOrDefaultAsync(each => each.Id == endpoint.DeploymentId, cancellationToken) is { } deployment)
                {
                    context.PublishOnSave(deployment.ToEvent(), time);
                }

                await context.SaveChangesAsync(cancellationToken);
                if (table.Find(endpoint.Name) is { } snapshot)
                {
                    table.Swap(snapshot.WithShadows(shadows));
                }

                return View(endpoint);
            },
            cancellationToken);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var endpoint = await FindAsync(name, cancellationToken);
        await table.ChangeAsync(
            async () =>
            {
                var removed = await context.Endpoints.Where(each => each.Workspace == endpoint.Workspace && each.Name == endpoint.Name).ExecuteDeleteAsync(cancellationToken);
                table.Remove(endpoint.Name);
                return removed;
            },
            cancellationToken);
    }

    public async Task<ListDeploymentsResponse> ListDeploymentsAsync(ListDeploymentsRequest request, CancellationToken cancellationToken)
    {
        CheckName("endpoint", request.Endpoint).PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var before = PageToken.DecodeNumber(request.PageToken) ?? long.MaxValue;
        var page = await context.Deployments.AsNoTracking()
            .Where(each => each.Workspace == Workspaces.Default && each.Endpoint == request.Endpoint && each.Sequence < before)
            .OrderByDescending(each => each.Sequence).Take(size + 1).ToListAsync(cancellationToken);
        if (page.Count == 0 && request.PageToken.Length == 0)
        {
            // Deployments outlive their endpoint; only a name that never served is unknown.
            await FindAsync(request.Endpoint, cancellationToken);
        }

        return new ListDeploymentsResponse
        {
            Deployments = { page.Take(size).Select(each => each.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Sequence) : "",
        };
    }

    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task<ServingEndpoint> FindAsync(string name, CancellationToken cancellationToken)
    {
        CheckName("endpoint", name).ThrowIfAny();
        return await context.Endpoints.AsNoTracking().FirstOrDefaultAsync(each => each.Workspace == Workspaces.Default && each.Name == name, cancellationToken)
            ?? throw RpcErrors.NotFound("endpoint", name);
    }

    public static FieldChecks CheckName(string field, string name) =>
        new FieldChecks().Matches(field, name, EndpointName(), "must be lower-case letters, digits or '-', at most 63, beginning with a letter or digit");

    private static void CheckShadows(IReadOnlyCollection<int> versions) => new FieldChecks()
        .Require(versions.Count <= MostShadows, "shadow_versions", versions.Count, $"must have at most {MostShadows} entries")
        .Require(versions.All(version => version > 0), "shadow_versions", "", "must be versions, from 1")
        .Require(versions.Distinct().Count() == versions.Count, "shadow_versions", "", "must not name a version twice")
        .ThrowIfAny();

    private async Task<bool> IsAnsweredAsync(CreateEndpointRequest request, CancellationToken cancellationToken)
    {
        var (method, now) = (CreateEndpointRequest.Descriptor.FullName, time.GetUtcNow());
        return Guid.TryParse(request.RequestId, out var id) && await context.Set<IdempotentReply>().AnyAsync(
            reply => reply.Method == method && reply.RequestId == id && reply.ExpiresAt >= now, cancellationToken);
    }

    private async Task ThrowIfExistsAsync(string name, CancellationToken cancellationToken)
    {
        if (await context.Endpoints.AnyAsync(each => each.Workspace == Workspaces.Default && each.Name == name, cancellationToken))
        {
            throw RpcErrors.AlreadyExists("endpoint", name, "Choose another name, or delete it first.");
        }
    }

    private async Task<LoadedEndpoint> LoadAsync(CreateEndpointRequest request, string alias, CancellationToken cancellationToken)
    {
        await ThrowIfExistsAsync(request.Name, cancellationToken);
        return await TryAsync(request.Model, async () =>
        {
            var started = time.GetTimestamp();
            var wanted = await versions.ResolveAsync(request.Model, alias, cancellationToken);
            var live = await loader.LoadAsync(wanted, cancellationToken);
            var duration = time.GetElapsedTime(started);
            await VersionSource.RememberAsync(context, wanted, cancellationToken);
            return new LoadedEndpoint(live, await LoadShadowsAsync(request.Model, request.ShadowVersions, cancellationToken), duration);
        });
    }

    private async Task<List<LoadedVersion>> LoadShadowsAsync(string model, IEnumerable<int> shadowVersions, CancellationToken cancellationToken)
    {
        var loaded = new List<LoadedVersion>();
        foreach (var version in shadowVersions)
        {
            loaded.Add(await loader.LoadAsync(await versions.GetAsync(context, Workspaces.Default, model, version, cancellationToken), cancellationToken));
        }

        return loaded;
    }

    private static async Task<T> TryAsync<T>(string model, Func<Task<T>> load)
    {
        try
        {
            return await load();
        }
        catch (ModelUnusableException exception)
        {
            throw exception.IsPassing
                ? RpcErrors.Unavailable("MODEL_NOT_REACHED", exception.Message)
                : RpcErrors.FailedPrecondition("MODEL_UNUSABLE", model, exception.Message);
        }
    }

    private Endpoint View(ServingEndpoint endpoint) => new()
    {
        Name = endpoint.Name,
        Model = endpoint.Model,
        Alias = endpoint.Alias,
        Workspace = endpoint.Workspace,
        CreateTime = endpoint.CreatedAt.ToTimestamp(),
        ShadowVersions = { endpoint.ShadowVersions },
        // What answers now; while it comes up, what is to answer.
        Version = table.Find(endpoint.Name)?.Live.Version ?? endpoint.Version,
        Fault = table.FaultOf(endpoint.Name),
    };

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,62}\z")]
    private static partial Regex EndpointName();

    private sealed record LoadedEndpoint(LoadedVersion Live, List<LoadedVersion> Shadows, TimeSpan Duration);
}
