using System.CommandLine;
using MLOpsLearn.Client;

namespace MLOpsLearn.Cli.Commands;

/// <summary>Which server a command talks to.</summary>
internal sealed class ServerOptions
{
    private const string Variable = "MLOPS_SERVER";

    public Option<string?> Server { get; } = new("--server")
    {
        Description = $"Address of the server. Default: ${Variable}, or http://127.0.0.1:5080.",
        HelpName = "URL",
    };

    public Option<string?> Grpc { get; } = new("--grpc") { Description = "Its gRPC address. Default: the same host and the next port.", HelpName = "URL" };

    public void AddTo(Command command)
    {
        command.Options.Add(Server);
        command.Options.Add(Grpc);
    }

    public MLOpsLearnClient Connect(ParseResult parsed, string name) => Connect(
        parsed.GetValue(Server) ?? Environment.GetEnvironmentVariable(Variable) ?? "http://127.0.0.1:5080", parsed.GetValue(Grpc), name);

    /// <exception cref="CommandException">An address is none.</exception>
    public static MLOpsLearnClient Connect(string server, string? grpc, string name, TimeSpan patience = default)
    {
        var http = ParseUrl("--server", server);
        return grpc is null && http.Port == 65535
            ? throw new CommandException($"--server: there is no port after {http.Port} for gRPC. Name its address with --grpc.")
            : new MLOpsLearnClient(http, grpc is null ? null : ParseUrl("--grpc", grpc), name, patience);
    }

    private static Uri ParseUrl(string option, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https") && url.Host.Length > 0
            ? url
            : throw new CommandException($"{option} must be an address such as http://127.0.0.1:5080, not '{text}'.");
}
