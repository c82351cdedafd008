using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>Makes the store that <c>Artifacts:Root</c> names.</summary>
internal static class ObjectStores
{
    public static IObjectStore Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ArtifactOptions>>().Value;
        return StoreAddress.TryParse(options.Root) is { } address
            ? new S3Store(new S3Bucket(address, options, services.GetRequiredService<ILogger<S3Bucket>>()), options)
            : new FolderStore(options.Root);
    }
}
