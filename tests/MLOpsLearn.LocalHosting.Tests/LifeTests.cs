using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Tests;

/// <summary>An AppHost as a process: how its resources live, and that nothing of it is left, however it ends.</summary>
public sealed class LifeTests
{
    /// <summary>A number that no other process sleeps for.</summary>
    private readonly string _mark = (100_000 + Random.Shared.Next(800_000)).ToString(CultureInfo.InvariantCulture);

    private string Sleeper => $$"""
        var builder = DistributedApplication.CreateBuilder(args);
        builder.AddExecutable("sleeper", "/bin/sh", "/", "-c", "sleep {{_mark}} & echo awake; sleep {{_mark}}");
        builder.Build().Run();
        """;

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task A_signal_stops_everything_in_order(string signal)
    {
        using var sample = SampleProcess.Start(Sleeper, []);
        await sample.LineAsync("| awake");

        sample.Signal(signal);

        Assert.Equal(0, await sample.EndAsync());
        await sample.LineAsync("Stopping");
        await SampleProcess.GoneAsync($"sleep {_mark}");
    }

    [Fact]
    public async Task A_killed_AppHost_leaves_no_process()
    {
        using var sample = SampleProcess.Start(Sleeper, []);
        await sample.LineAsync("| awake");
        Assert.NotEmpty(CommandLines.With($"sleep {_mark}"));

        sample.Signal("KILL");

        await SampleProcess.GoneAsync($"sleep {_mark}");
    }

    [Fact]
    public async Task An_AppHost_that_crashes_leaves_no_process()
    {
        using var sample = SampleProcess.Start(
            Sleeper.Replace("builder.Build().Run();", "await builder.Build().StartAsync(); await Task.Delay(1500); throw new InvalidOperationException(\"crash\");", StringComparison.Ordinal), []);
        await sample.LineAsync("| awake");

        Assert.NotEqual(0, await sample.EndAsync());
        await SampleProcess.GoneAsync($"sleep {_mark}");
    }

    [Fact]
    public async Task A_program_that_dies_is_started_again_and_given_up_visibly()
    {
        using var sample = SampleProcess.Start(
            """
            var builder = DistributedApplication.CreateBuilder(args);
            builder.AddExecutable("dying", "/bin/sh", "/", "-c", "echo trying; exit 3");
            builder.AddExecutable("done", "/bin/sh", "/", "-c", "exit 0");
            builder.Build().Run();
            """,
            []);

        await sample.LineAsync("dying | trying", times: 6);
        Assert.Contains("see its log", await sample.LineAsync("dying : FailedToStart"), StringComparison.Ordinal);

        // Each death is told before the next start, and a program that has done its work is left alone.
        Assert.Equal(6, sample.Lines.Count(line => line.StartsWith("dying : Finished (exit code 3)", StringComparison.Ordinal)));
        Assert.Single(sample.Lines, line => line.StartsWith("done  : Finished (exit code 0)", StringComparison.Ordinal));
        Assert.Equal(6, (await File.ReadAllLinesAsync(Path.Combine(sample.Data, "logs", "dying.log"), TestContext.Current.CancellationToken)).Count(line => line == "trying"));
    }

    [Fact]
    public async Task A_wait_for_completion_looks_at_the_exit_code()
    {
        using var sample = SampleProcess.Start(
            """
            var builder = DistributedApplication.CreateBuilder(args);
            var first = builder.AddExecutable("first", "/bin/sh", "/", "-c", "echo first; exit 0");
            builder.AddExecutable("second", "/bin/sh", "/", "-c", "echo second").WaitForCompletion(first);
            builder.AddExecutable("never", "/bin/sh", "/", "-c", "echo never").WaitForCompletion(first, exitCode: 7);
            builder.Build().Run();
            """,
            []);

        await sample.LineAsync("second | second");
        Assert.Contains("expected was 7", await sample.LineAsync("never  : FailedToStart"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_server_is_one_line_that_says_what_to_do()
    {
        using var sample = SampleProcess.Start(
            "var builder = DistributedApplication.CreateBuilder(args); builder.AddRedis(\"cache\"); builder.Build().Run();", [], ("PATH", "/nowhere"));

        Assert.Equal(2, await sample.EndAsync());
        var line = Assert.Single(sample.Lines);
        Assert.Contains("redis-server, which is not installed", line, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__cache=", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_the_users_is_used_instead_of_a_program()
    {
        using var sample = SampleProcess.Start(
            """
            var builder = DistributedApplication.CreateBuilder(args);
            var cache = builder.AddRedis("cache");
            builder.AddExecutable("printer", "/bin/sh", "/", "-c", "echo \"<$ConnectionStrings__cache|$CACHE_HOST>\"").WithReference(cache);
            builder.Build().Run();
            """,
            [],
            ("PATH", "/nowhere"),
            ("ConnectionStrings__cache", "elsewhere:1,password=x"));

        await sample.LineAsync("printer | <elsewhere:1,password=x|>");
    }

    [Fact]
    public async Task A_port_in_use_is_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var sample = SampleProcess.Start(
            $"var builder = DistributedApplication.CreateBuilder(args); builder.AddExecutable(\"web\", \"/bin/true\", \"/\").WithHttpEndpoint(port: {port}); builder.Build().Run();", []);

        Assert.Equal(2, await sample.EndAsync());
        Assert.Contains($"Port {port} is in use", Assert.Single(sample.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_serves_one_AppHost_at_a_time()
    {
        using var first = SampleProcess.Start(Sleeper, []);
        await first.LineAsync("| awake");
        using var second = SampleProcess.Start(Sleeper, [$"--AppHost:DataFolder={first.Data}"]);

        Assert.Equal(2, await second.EndAsync());
        Assert.Contains("Another AppHost uses", Assert.Single(second.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--ephemral", "--ephemral")]
    [InlineData("--operation=publish", "-p:AppHostEngine=Aspire")]
    public async Task An_option_that_means_nothing_here_is_one_line(string option, string said)
    {
        using var sample = SampleProcess.Start(Sleeper, [option]);

        Assert.Equal(2, await sample.EndAsync());
        Assert.Contains(said, Assert.Single(sample.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_has_the_options_and_examples()
    {
        using var sample = SampleProcess.Start(Sleeper, ["--help"]);

        Assert.Equal(0, await sample.EndAsync());
        foreach (var part in new[] { "--ephemeral", "Gateway:HttpPort", "Parameters:replicas", "ConnectionStrings__messaging", "OTEL_EXPORTER_OTLP_ENDPOINT", "Examples:" })
        {
            await sample.LineAsync(part);
        }
    }

    [Fact]
    public async Task On_a_terminal_a_table_of_states_stays_below_coloured_lines()
    {
        Assert.SkipWhen(Engine.Programs.Find("script") is null, "skipped: the program 'script' makes the terminal");
        using var sample = SampleProcess.StartOnTerminal(Sleeper);

        Assert.Contains("\u001b[36msleeper\u001b[0m awake", await sample.LineAsync("awake"), StringComparison.Ordinal);
        await sample.LineAsync("Resource");
        await sample.LineAsync("Healthy");
    }
}
