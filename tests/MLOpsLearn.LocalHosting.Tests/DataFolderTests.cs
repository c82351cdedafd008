using Aspire.Hosting.Engine;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Tests;

/// <summary>What is kept over a restart, and who may read it.</summary>
public sealed class DataFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlops-data-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Passwords_stay_the_same_over_a_restart_and_are_the_owners_only()
    {
        string password;
        using (var folder = new DataFolder(Settings(isEphemeral: false)))
        {
            password = folder.PasswordOf("postgres");
            Assert.NotEqual(password, folder.PasswordOf("messaging"));
            Assert.Equal(22, password.Length);
        }

        using var again = new DataFolder(Settings(isEphemeral: false));
        Assert.Equal(password, again.PasswordOf("postgres"));
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(again.Root, "passwords.json")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(again.For("postgres")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(again.Logs));
    }

    [Fact]
    public void An_ephemeral_folder_is_gone_afterwards()
    {
        string root;
        using (var folder = new DataFolder(Settings(isEphemeral: true)))
        {
            root = folder.Root;
            File.WriteAllText(Path.Combine(folder.For("messaging"), "data"), "x");
        }

        Assert.False(Directory.Exists(root));
    }

    [Fact]
    public void An_ephemeral_folder_is_never_one_that_is_kept() =>
        Assert.NotEqual(DataFolder.Locate(Settings(isEphemeral: true), "/app"), DataFolder.Locate(Settings(isEphemeral: true), "/app"));

    private IConfiguration Settings(bool isEphemeral) => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        [DataFolder.Setting] = Path.Combine(_root, "data"),
        ["AppHost:ephemeral"] = isEphemeral ? "true" : "false",
    }).Build();
}
