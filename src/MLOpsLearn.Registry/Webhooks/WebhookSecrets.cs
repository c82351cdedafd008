using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>
/// Encrypts the secrets of webhooks, each for its own webhook. The keys lie in a folder when one is set or the database is a file, and in the
/// database itself otherwise, so that every replica reads what another one wrote.
/// </summary>
internal sealed class WebhookSecrets : IDisposable
{
    private const string Purpose = "webhook secret";

    // Apart from the host's own protection, whose keys belong to other things.
    private readonly ServiceProvider _services;
    private readonly IDataProtectionProvider _protection;

    public WebhookSecrets(IConfiguration configuration, IOptions<WebhookOptions> options, IServiceScopeFactory scopes, ILoggerFactory loggers)
    {
        var services = new ServiceCollection().AddSingleton(loggers);
        var protection = services.AddDataProtection().SetApplicationName("mlopslearn.registry");
        if (FolderOf(options.Value.KeyFolder, configuration.GetConnectionString(RegistryModule.Name)!) is { } folder)
        {
            protection.PersistKeysToFileSystem(Private(folder));
        }
        else
        {
            services.Configure<KeyManagementOptions>(keys => keys.XmlRepository = new SecretKeyTable(scopes));
        }

        _services = services.BuildServiceProvider();
        _protection = _services.GetRequiredService<IDataProtectionProvider>();
    }

    /// <summary>What is stored of a secret; null for none.</summary>
    public string? Protect(string webhookId, string? secret) => string.IsNullOrEmpty(secret) ? null : For(webhookId).Protect(secret);

    /// <summary>The secret of a webhook; null when it has none.</summary>
    /// <exception cref="SecretLostException">Its key is gone.</exception>
    public string? Reveal(Webhook webhook)
    {
        if (webhook.Secret is not { } stored || !webhook.IsSecretProtected)
        {
            return webhook.Secret;
        }

        try
        {
            return For(webhook.Id).Unprotect(stored);
        }
        catch (CryptographicException)
        {
            throw new SecretLostException();
        }
    }

    public void Dispose() => _services.Dispose();

    private IDataProtector For(string webhookId) => _protection.CreateProtector(Purpose, webhookId);

    private static string? FolderOf(string? configured, string connectionString) => !string.IsNullOrEmpty(configured) ? configured
        : connectionString.TrimStart().StartsWith("Data Source", StringComparison.OrdinalIgnoreCase)
            ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(new SqliteConnectionStringBuilder(connectionString).DataSource))!, "registry-keys")
            : null;

    private static DirectoryInfo Private(string folder) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(folder)
        : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}

/// <summary>The key that a secret was encrypted with is not there any more.</summary>
internal sealed class SecretLostException() : Exception("The secret can't be read, for its key is gone: set it again.");
