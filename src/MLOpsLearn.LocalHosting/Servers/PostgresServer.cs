using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Npgsql;

namespace Aspire.Hosting.Servers;

/// <summary>A private PostgreSQL cluster on loopback.</summary>
internal static class PostgresServer
{
    public static async Task<ProcessSpec> PrepareAsync(
        PostgresServerResource resource, AllocatedModel model, string folder, Action<string> log, CancellationToken cancellationToken)
    {
        var postgres = ServerPrograms.Require("postgres", resource);
        var data = Path.Combine(folder, "data");
        if (!File.Exists(Path.Combine(data, "PG_VERSION")))
        {
            await InitializeAsync(resource, model, folder, data, log, cancellationToken);
        }

        var port = model.PublicPort(resource, "tcp").ToString(CultureInfo.InvariantCulture);
        var (file, arguments) = ServerUser.Wrap(
            postgres,
            ["-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300"]);
        // SIGTERM would wait for every client to leave.
        return new ProcessSpec(file, arguments, folder, new Dictionary<string, string>(), Signals.Interrupt);
    }

    public static async Task<bool> IsHealthyAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(Administrative(connectionString));
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            return false;
        }
    }

    public static async Task CreateDatabaseAsync(PostgresDatabaseResource database, AllocatedModel model, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(Administrative(model.ConnectionString(database.Parent)));
        await connection.OpenAsync(cancellationToken);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection);
        exists.Parameters.AddWithValue(database.DatabaseName);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not null)
        {
            return;
        }

        // An identifier can't be a parameter; quoting doubles what would end it.
        var name = database.DatabaseName.Replace("\"", "\"\"", StringComparison.Ordinal);
        await using var create = new NpgsqlCommand($"CREATE DATABASE \"{name}\"", connection);
        try
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // A service that was there before the server made it at this very moment.
        }
    }

    private static string Administrative(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Database = "postgres", Pooling = false, Timeout = 5 }.ConnectionString;

    private static async Task InitializeAsync(
        PostgresServerResource resource, AllocatedModel model, string folder, string data, Action<string> log, CancellationToken cancellationToken)
    {
        var initDb = ServerPrograms.Require("initdb", resource);
        var passwordFile = Path.Combine(folder, "initial-password");
        PrivateFile.Write(passwordFile, model.Password(resource));
        try
        {
            await ServerUser.OwnAsync(folder, cancellationToken);
            var (file, arguments) = ServerUser.Wrap(
                initDb,
                ["-D", data, "-U", AllocatedModel.UserName(resource), $"--pwfile={passwordFile}", "--auth-host=scram-sha-256", "--auth-local=scram-sha-256",
                    "--encoding=UTF8", "--locale=C", "--no-sync"]);
            var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
            using var process = Process.Start(start) ?? throw new DistributedApplicationException("initdb could not be started.");
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            log((await output).Trim());
            if (process.ExitCode != 0)
            {
                throw new DistributedApplicationException($"'{resource.Name}' could not be initialised in {data}: {(await errors).Trim()}");
            }
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }
}
