using Google.Protobuf;
using Google.Protobuf.Collections;
using Microsoft.Extensions.Options;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Inference.Prediction;
using MLOpsLearn.Inference.Runtimes;
using MLOpsLearn.Inference.Tests.Hosting;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Tests.Capture;

/// <summary>Limits of what waits.</summary>
public sealed class BufferTests
{
    [Fact]
    public void Rows_above_the_limit_are_counted_as_lost_and_room_comes_back()
    {
        var buffer = new CaptureBuffer(Options.Create(new InferenceOptions { CaptureBufferRows = 1000 }));
        var served = Served(ModelFiles.Pipeline(1), rows: 400);

        buffer.Add(served);
        buffer.Add(served);
        buffer.Add(served);
        var full = buffer.StatusOf("trips-live");
        buffer.Published("trips-live", 400);
        buffer.Add(served);

        Assert.Equal((800, 800, 400), (full.CapturedRows, full.WaitingRows, full.LostRows));
        var status = buffer.StatusOf("trips-live");
        Assert.Equal((1200, 400, 800, 400), (status.CapturedRows, status.PublishedRows, status.WaitingRows, status.LostRows));
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(300, 1)]
    [InlineData(3, 400)]
    public void A_batch_stays_near_its_limit_of_bytes(int columns, int textLength)
    {
        var served = Served(ModelFiles.Wide(columns), rows: 3000, textLength);
        var sizes = new List<int>();
        for (var start = 0; start < served.Rows;)
        {
            var batch = new OpenBatch(served.Endpoint, default);
            start += batch.Take(served, start);
            sizes.Add(BatchWriter.Write(batch, Guid.CreateVersion7()).ToByteArray().Length);
            Assert.InRange(batch.Rows, 1, OpenBatch.MostRows);
        }

        Assert.InRange(sizes.Max(), 1, 300 * 1024);
        Assert.InRange(sizes.Count, 3, 40);
    }

    private static ServedRequest Served(FittedPipeline pipeline, int rows, int textLength = 1)
    {
        var live = new LoadedVersion(
            new KnownVersion { Workspace = "default", Model = "trips", Version = 1, RunId = "r", ArtifactPath = "model", ModelFile = "model.bin", Sha256 = "" }, pipeline);
        var columns = pipeline.Signature.Inputs.Select(input => input.Name == "zone"
            ? TableColumn.Categorical.FromStrings("zone", [.. Enumerable.Range(0, rows).Select(row => $"{row}".PadLeft(textLength, 'z'))])
            : LoadedVersion.MissingColumn(input, rows));
        var predictions = new RepeatedField<double> { Enumerable.Repeat(1.0, rows) };
        var request = new RequestRows("id", [0], new ColumnTable([.. columns]));
        return new ServedRequest(new EndpointSnapshot("trips-live", "default", live, [], Guid.Empty, hasAnswered: true), request, predictions, default);
    }
}
