using MLOpsLearn.Cli.Transfer;
using Xunit;

namespace MLOpsLearn.Cli.Tests.Transfer;

/// <summary>What an import refuses, and what it shows to whom.</summary>
public sealed class SourceTests
{
    [Fact]
    public void Credentials_are_those_that_MLflows_clients_take()
    {
        Dictionary<string, string> both = new() { ["MLFLOW_TRACKING_TOKEN"] = "t", ["MLFLOW_TRACKING_USERNAME"] = "ann", ["MLFLOW_TRACKING_PASSWORD"] = "p" };

        Assert.Equal("Bearer t", MLflowApi.FromEnvironment(both.GetValueOrDefault)!.ToString());
        both.Remove("MLFLOW_TRACKING_TOKEN");
        Assert.Equal("Basic YW5uOnA=", MLflowApi.FromEnvironment(both.GetValueOrDefault)!.ToString());
        Assert.Null(MLflowApi.FromEnvironment(_ => null));
    }

    [Theory]
    [InlineData("model/a b.txt", true)]
    [InlineData("../a", false)]
    [InlineData("a/../../b", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("a//b", false)]
    [InlineData("C:/x", false)]
    [InlineData("a\\..\\b", false)]
    [InlineData("", false)]
    public void A_path_that_leads_elsewhere_is_none(string path, bool isPlain) => Assert.Equal(isPlain, PlainPath.Is(path));

    [Theory]
    [InlineData("http://ann:secret@127.0.0.1:9", "MLFLOW_TRACKING_TOKEN")]
    [InlineData("nowhere", "folder")]
    [InlineData("http://127.0.0.1:9", "goes on")]
    public async Task What_cant_be_read_is_one_line_without_secrets(string from, string says)
    {
        var (code, output, complaints) = await Mlops.RunAsync("import", "--from", from, "--server", "http://127.0.0.1:10");

        Assert.Equal((ExitCodes.BadInput, ""), (code, output));
        Assert.Matches("^mlops: [^\n]+\n$", complaints);
        Assert.Contains(says, complaints, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", complaints, StringComparison.Ordinal);
    }
}
