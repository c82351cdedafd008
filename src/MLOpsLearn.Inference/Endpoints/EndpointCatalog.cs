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
internal sealed partial class EndpointCatalog(InferenceDbContext context, EndpointActivator activator, ModelLoader loader, EndpointTable table, TimeProvider time)
{
    private const string DefaultAlias = "champion";
    private const int MostShadows = 5;

    public async Task<Endpoint> CreateAsync(CreateEndpointRequest request, CancellationToken cancellationToken)
    {
        var alias = request.Alias.Length == 0 ? DefaultAlias : request.Alias;
        CheckName("name", request.Name).RequestId(request.RequestId).Name("model", request.Model).Name("alias", alias).ThrowIfAny();
        CheckShadows(request.ShadowVersions);
        var started = Stopwatch.GetTimestamp();
        // Loaded before the transaction: an endpoint exists only when it can answer.
        var (live, shadows) = await LoadAsync(request.Model, alias, request.ShadowVersions, cancellationToken);
        EndpointSnapshot? snapshot = null;
        var answer = await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                if (await context.Endpoints.AnyAsync(each => each.Workspace == Workspaces.Default && each.Name == request.Name, token))
                {
                    throw RpcErrors.AlreadyExists("endpoint", request.Name, "Choose another name, or delete it first.");
                }

                var endpoint = new ServingEndpoint { Workspace = Workspaces.Default, Name = request.Name, Model = request.Model, Alias = alias, CreatedAt = time.GetUtcNow() };
                endpoint.Shadow(request.ShadowVersions);
                var deployment = endpoint.Deploy(live.Version, time.GetUtcNow(), Stopwatch.GetElapsedTime(started));
                context.Endpoints.Add(endpoint);
                context.Deployments.Add(deployment);
                context.PublishOnSave(deployment.ToEvent(), time);
                snapshot = new EndpointSnapshot(endpoint.Name, endpoint.Workspace, live, shadows, deployment.Id, hasAnswered: false);
                return View(endpoint);
            },
            cancellationToken);
        if (snapshot is not null)
        {
            table.Swap(snapshot);
        }

        return answer;
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
        var shadows = await LoadShadowsAsync(found.Model, request.ShadowVersions, cancellationToken);
        var endpoint = await context.Endpoints.FirstAsync(each => each.Workspace == found.Workspace && each.Name == found.Name, cancellationToken);
        endpoint.Shadow(request.ShadowVersions);
        await context.SaveChangesAsync(cancellationToken);
        if (table.Find(endpoint.Name) is { } snapshot)
        {
            table.Swap(snapshot.WithShadows(shadows));
        }

        return View(endpoint);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var endpoint = await FindAsync(name, cancellationToken);
        await context.Endpoints.Where(each => each.Workspace == endpoint.Workspace && each.Name == endpoint.Name).ExecuteDeleteAsync(cancellationToken);
        table.Remove(endpoint.Name);
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

    private async Task<(LoadedVersion Live, List<LoadedVersion> Shadows)> LoadAsync(
        string model, string alias, IReadOnlyCollection<int> shadows, CancellationToken cancellationToken)
    {
        try
        {
            var wanted = await activator.ResolveAsync(model, alias, cancellationToken);
            var live = await loader.LoadAsync(wanted, cancellationToken);
            await activator.RememberAsync(wanted, cancellationToken);
            return (live, await LoadShadowsAsync(model, shadows, cancellationToken));
        }
        catch (ModelUnusableException exception)
        {
            throw RpcErrors.FailedPrecondition("MODEL_UNUSABLE", $"{model}@{alias}", exception.Message);
        }
    }

    private async Task<List<LoadedVersion>> LoadShadowsAsync(string model, IReadOnlyCollection<int> versions, CancellationToken cancellationToken)
    {
        var loaded = new List<LoadedVersion>();
        foreach (var version in versions)
        {
            try
            {
                loaded.Add(await activator.LoadAsync(Workspaces.Default, model, version, cancellationToken));
            }
            catch (ModelUnusableException exception)
            {
                throw RpcErrors.FailedPrecondition("MODEL_UNUSABLE", $"{model}/{version}", exception.Message);
            }
        }

        return loaded;
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
}
