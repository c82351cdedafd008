using CsCheck;
using Grpc.Core;
using Microsoft.ML;
using MLOpsLearn.Client.MLNet;
using MLOpsLearn.Client.Models;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Client.Tests.Models;

[Collection(SharedServer.Name)]
public sealed class ModelTests(ServerProcess server)
{
    // Made by hand: one input "x" of [?, 3] float32, one weight "w" that is listed as an input too, one output "y" of [?, 1] float64.
    private static readonly byte[] Small = OnnxBytes.Model("x", "w", "y");

    private static CancellationToken Cancel => ServerProcess.Cancel;

    [Fact]
    public async Task An_ML_NET_model_becomes_a_version_with_the_signature_of_its_schema()
    {
        using var client = server.Connect();
        var context = new MLContext(seed: 1);
        var data = context.Data.LoadFromEnumerable(Enumerable.Range(0, 100).Select(i => new Trip { Distance = i, Zone = i % 2 == 0 ? "a" : "b", Label = i * 2 }));
        var model = context.Transforms.Categorical.OneHotEncoding("ZoneCode", nameof(Trip.Zone))
            .Append(context.Transforms.Concatenate("Features", nameof(Trip.Distance), "ZoneCode"))
            .Append(context.Regression.Trainers.Sdca()).Fit(data);
        await using var run = await client.StartRunAsync(server.Options("mlnet"), cancellationToken: Cancel);

        var version = await run.LogModelAsync(context, model, data.Schema, registerAs: "trips-mlnet", cancellationToken: Cancel);

        Assert.Equal(("trips-mlnet", 1, "model.zip", "Score"), (version!.Model, version.Version, version.ModelFile, version.Signature.Output));
        Assert.Equal(
            [("Distance", ColumnKind.Numeric), ("Zone", ColumnKind.Categorical), ("Label", ColumnKind.Numeric)],
            version.Signature.Inputs.Select(input => (input.Name, input.Kind)));
        var description = await DownloadAsync(client, run.RunId!, "model/MLmodel");
        Assert.Contains("\"mlnet\":", description, StringComparison.Ordinal);
        Assert.Contains("""\u0022name\u0022:\u0022Zone\u0022,\u0022type\u0022:\u0022string\u0022""", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ONNX_model_becomes_versions_that_aliases_name()
    {
        using var client = server.Connect();
        await using var run = await client.StartRunAsync(server.Options("onnx"), cancellationToken: Cancel);

        await run.LogOnnxModelAsync(Small, "first", "small-onnx", Cancel);
        var second = await run.LogOnnxModelAsync(Small, "second", "small-onnx", Cancel);
        await client.SetAliasAsync("small-onnx", "champion", 1, "the first", Cancel);
        await client.SetAliasAsync("small-onnx", "champion", 2, "the second", Cancel);

        Assert.Equal((2, "second", "model.onnx"), (second!.Version, second.ArtifactPath, second.ModelFile));
        Assert.Equal("x", Assert.Single(second.Signature.Inputs).Name);
        Assert.Equal(2, (await client.GetVersionAsync("small-onnx", "champion", Cancel)).Version);
        Assert.Equal(run.RunId, (await client.GetVersionAsync("small-onnx", 1, Cancel)).RunId);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => client.GetVersionAsync("small-onnx", "none", Cancel))).StatusCode);
        Assert.Equal("small-onnx", Assert.Single(await client.SearchModelsAsync("name = 'small-onnx'", Cancel).ToListAsync(Cancel)).Name);
        Assert.Equal(2, await client.SearchVersionsAsync("name = 'small-onnx'", Cancel).CountAsync(Cancel));
    }

    [Fact]
    public void An_ONNX_file_tells_its_inputs_and_outputs_without_its_weights()
    {
        var model = OnnxModel.Read(new MemoryStream(Small));

        var input = Assert.Single(model.Inputs);
        Assert.Equal(("x", "float32"), (input.Name, input.Type));
        Assert.Equal([-1L, 3L], input.Shape);
        var output = Assert.Single(model.Outputs);
        Assert.Equal(("y", "float64", "tests", 17L), (output.Name, output.Type, model.Producer, model.Opset));
    }

    [Theory]
    [InlineData("iris_random_forest")]
    [InlineData("linear_regression")]
    [InlineData("titanic_pipeline")]
    [InlineData("light_squeezenet")]
    [InlineData("gradient_boosting_regressor")]
    public void Files_of_other_programs_can_be_read(string name)
    {
        var file = Repository.File("..", "shared", "data", "onnx", name, "model.onnx");
        Assert.SkipUnless(File.Exists(file), "skipped: no ../shared");

        var model = OnnxModel.Read(file);

        Assert.NotEmpty(model.Inputs);
        Assert.NotEmpty(model.Outputs);
        Assert.All(model.Inputs.Concat(model.Outputs), value => Assert.True(value.Name.Length > 0 && value.Type.Length > 0));
    }

    [Fact]
    public void Damaged_bytes_are_a_clear_error_and_nothing_else() => Gen.Select(Gen.Int[0, Small.Length - 1], Gen.Byte, Gen.Int[0, Small.Length]).Sample((at, value, length) =>
    {
        var bytes = Small[..length];
        if (at < length)
        {
            bytes[at] = value;
        }

        try
        {
            OnnxModel.Read(new MemoryStream(bytes));
        }
        catch (InvalidDataException)
        {
            // As documented.
        }
    }, iter: 20_000);

    private static async Task<string> DownloadAsync(MLOpsLearnClient client, string runId, string path)
    {
        using var http = new HttpClient { BaseAddress = client.Server };
        return await http.GetStringAsync(new Uri($"api/tracking/v1/runs/{runId}/artifacts/{path}", UriKind.Relative), Cancel);
    }

    private sealed class Trip
    {
        public float Distance { get; set; }

        public string Zone { get; set; } = "";

        public float Label { get; set; }
    }
}
